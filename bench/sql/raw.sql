-- The raw limit: what one posting needs, in the fewest round trips. Lock a balance, add an event and an outbox row, update.
create table ev (
    stream uuid not null, version int not null, type text not null, data jsonb not null, meta jsonb not null,
    at timestamptz not null default now(), primary key (stream, version)
);
create table outbox (
    id bigint generated always as identity primary key, topic text not null, payload jsonb not null,
    at timestamptz not null default now()
);
create table balance (stream uuid primary key, version int not null, balance bigint not null) with (fillfactor = 70);

create function cmd(s uuid, t text, amt bigint, d jsonb, m jsonb) returns int language plpgsql as $$
declare
    v int;
begin
    select version into v from balance where stream = s for update;
    v := coalesce(v, 0);
    insert into ev (stream, version, type, data, meta) values (s, v + 1, t, d, m);
    insert into outbox (topic, payload) values (t, d);
    insert into balance as x values (s, v + 1, amt)
        on conflict (stream) do update set version = excluded.version, balance = x.balance + excluded.balance;
    return v + 1;
end $$;

create function cmd_bulk(ss uuid[], t text, amts bigint[], ds jsonb[], m jsonb) returns int language plpgsql as $$
declare
    n int;
begin
    perform 1 from balance where stream = any(ss) order by stream for update;
    with i as (select * from unnest(ss, amts, ds) as u(s, a, d)),
    up as (
        insert into balance as x select s, 1, a from i
        on conflict (stream) do update set version = x.version + 1, balance = x.balance + excluded.balance
        returning stream, version
    ),
    e as (
        insert into ev (stream, version, type, data, meta)
        select up.stream, up.version, t, i.d, m from up join i on i.s = up.stream returning 1
    ),
    o as (insert into outbox (topic, payload) select t, d from i returning 1)
    select count(*) into n from o;
    return n;
end $$;

insert into balance select md5(g::text)::uuid, 0, 0 from generate_series(1, 10000) g;
analyze balance;

-- Relaying: delete the oldest outbox rows and insert them into a queue, 50 to a message.
create table queue (id bigint generated always as identity primary key, message jsonb not null);

create function relay_bulk(rows int) returns int language sql as $$
    with taken as (
        delete from outbox where id in (select id from outbox order by id limit rows for update skip locked)
        returning id, payload
    ),
    numbered as (select payload, (row_number() over (order by id) - 1) / 50 as bundle from taken),
    sent as (insert into queue (message) select jsonb_agg(payload) from numbered group by bundle returning 1)
    select count(*)::int from sent;
$$;

-- Folding: upsert one row of a view per event.
create table view_row (
    stream uuid primary key, version int not null, document jsonb not null
) with (fillfactor = 70);

create function view_bulk(ss uuid[], d jsonb) returns void language sql as $$
    insert into view_row as x select s, 1, d from unnest(ss) as u(s) order by s
    on conflict (stream) do update set version = x.version + 1, document = excluded.document;
$$;

-- Reading: a history of 100,000 events; the rows of a customer's document, of 100 customers.
create table history as
    select g as version, 'MoneyDeposited' as type,
        jsonb_build_object('amount', g, 'currency', 'EUR', 'transaction_id', md5(g::text)) as data,
        jsonb_build_object('correlation_id', md5(g::text), 'user', 'teller-17', 'schema', 1) as meta
    from generate_series(1, 100000) g;
alter table history add primary key (version);

create table part as
    select c as customer, n, jsonb_build_object('payment_id', md5(n::text), 'text', repeat('x', 200)) as document
    from generate_series(1, 100) c, generate_series(1, 25) n;
alter table part add primary key (customer, n);
analyze history, part;
