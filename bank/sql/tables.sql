-- The kernel's tables, the same in every context's database. Names and bytes here are final: events are for ever.

create sequence bank_position as bigint cache 1;

create table bank_event (
    stream      text        not null,
    version     integer     not null check (version > 0),
    type        text        not null,
    data        text        not null,  -- JSON, byte for byte as it was hashed
    metadata    text        not null,  -- JSON, the same
    recorded_at timestamptz not null,
    position    bigint      not null default nextval('bank_position'),
    hash        bytea       not null,
    primary key (stream, version)
) partition by hash (stream);

do $$
begin
    for i in 0..7 loop
        execute format('create table bank_event_%s partition of bank_event for values with (modulus 8, remainder %s)', i, i);
    end loop;
end $$;

create index bank_event_position on bank_event (position);

-- The low watermark: a writer holds a shared lock named after the last position drawn before its own. A reader that
-- stays below the smallest such lock misses nothing, whatever order transactions commit in.
create function bank_publish_watermark() returns trigger language plpgsql as $$
declare
    drawn bigint;
begin
    select case when is_called then last_value else 0 end into drawn from bank_position;
    perform pg_advisory_xact_lock_shared((1::bigint << 48) | drawn);
    return null;
end $$;

create trigger bank_event_watermark before insert on bank_event
    for each statement execute function bank_publish_watermark();

create function bank_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: history is append-only', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger bank_event_append_only before update or delete or truncate on bank_event
    for each statement execute function bank_refuse();

create table bank_head (
    stream        text    primary key,
    version       integer not null,
    hash          bytea   not null,
    state         text    not null,
    state_version integer not null
) with (fillfactor = 70);

create table bank_snapshot (
    stream        text    not null,
    version       integer not null,
    state         text    not null,
    state_version integer not null,
    primary key (stream, version)
);

create table bank_command (
    id          uuid        primary key,
    fingerprint bytea       not null,
    outcome     text        not null check (outcome in ('applied', 'nothing', 'refused', 'cancelled')),
    code        text        not null default '',
    reason      text        not null default '',
    streams     text[]      not null default '{}',
    versions    integer[]   not null default '{}',
    recorded_at timestamptz not null default now()
);

create trigger bank_command_append_only before update or delete or truncate on bank_command
    for each statement execute function bank_refuse();

-- One data key per customer, wrapped by the master key. Destroying the key erases the person; the row stays, so that
-- nobody seals anything more for them under a new one.
create table bank_subject_key (
    customer_id text        primary key,
    master_key  text        not null,
    wrapped     bytea,
    created_at  timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null))
);

create table bank_epoch (
    id    boolean primary key default true check (id),
    epoch integer not null
);
insert into bank_epoch (epoch) values (1);

-- Columns follow the names of Debezium's outbox event router.
create table bank_outbox (
    seq           bigint   generated always as identity primary key,
    id            uuid     not null,
    lane          smallint not null,
    aggregatetype text     not null,
    aggregateid   text     not null,
    type          text     not null,
    payload       text     not null,
    attempts      smallint not null default 0,
    retry_at      timestamptz,
    blocked_at    timestamptz,
    error         text     not null default ''
);
create index bank_outbox_lane on bank_outbox (lane, seq);
create index bank_outbox_held on bank_outbox (aggregateid) where retry_at is not null or blocked_at is not null;

-- How far a reaction has read a source's feed.
create table bank_cursor (
    consumer text    not null,
    source   text    not null,
    epoch    integer not null default 1,
    position bigint  not null default 0,
    stopped  text    not null default '',
    primary key (consumer, source)
);

-- Messages that could not be applied, and those of the same stream that wait behind them.
create table bank_parked (
    id         bigint      generated always as identity primary key,
    consumer   text        not null,
    source     text        not null,
    stream     text        not null,
    version    integer     not null,
    message_id uuid        not null,
    type       text        not null,
    customer_id text,
    message    text        not null,  -- sealed
    error      text        not null,
    attempts   integer     not null default 0,
    parked_at  timestamptz not null default now(),
    retry_at   timestamptz not null default now(),
    unique (consumer, source, stream, version)
);

-- Asynchronous projections: which generation readers see, and the last version folded per stream and generation.
create table bank_projection (
    name       text     primary key,
    live       smallint not null default 1,
    shadow     smallint,
    previous   smallint,
    changed_at timestamptz not null default now()
);

create table bank_seen (
    projection text     not null,
    generation smallint not null,
    source     text     not null,
    stream     text     not null,
    version    integer  not null,
    primary key (projection, generation, source, stream)
) with (fillfactor = 80);

-- How far each shard of a rebuild has read each source.
create table bank_rebuild (
    projection text     not null,
    generation smallint not null,
    source     text     not null,
    shard      text     not null,
    position   bigint   not null default 0,
    primary key (projection, generation, source, shard)
);
