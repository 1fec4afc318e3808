-- What the others have told us about a customer. Every table carries the generation that a rebuild makes beside the live one.

-- A customer, as soon as any context has spoken of them. `revision` counts the events folded: it only ever grows.
create table bankview_customer (
    generation    smallint    not null,
    customer_id   text        not null,
    revision      bigint      not null,
    mobile_number text        not null default '',
    updated_at    timestamptz not null,
    primary key (generation, customer_id)
) with (fillfactor = 70);
create index bankview_customer_mobile on bankview_customer (generation, mobile_number) where mobile_number <> '';

-- One row per stream shown: a profile, an account, a loan, a card, a card payment. `state` is what the fold goes on from,
-- `document` is the same as it is served, `shown_by` its place among its kind.
create table bankview_part (
    generation  smallint not null,
    customer_id text     not null,
    part        text     not null,
    id          text     not null,
    version     integer  not null,
    shown_by    timestamptz not null,
    state       text     not null,
    document    text     not null,
    primary key (generation, customer_id, part, id)
) with (fillfactor = 70);
create index bankview_part_recent on bankview_part (generation, customer_id, shown_by desc, id desc)
    where part = 'card_payment';

create table bankview_activity (
    generation  smallint    not null,
    customer_id text        not null,
    time        timestamptz not null,
    stream      text        not null,
    version     integer     not null,
    kind        text        not null,
    text        text        not null,
    primary key (generation, customer_id, time, stream, version)
);

-- A process across contexts, whatever order its events arrive in. It is of a kind once its beginning was heard. Beginning
-- and ends stand on one stream: `turned_version` is the version there of the last that was heard.
create table bankview_process (
    generation     smallint    not null,
    id             text        not null,
    name           text        not null,
    correlation_id uuid,
    customer_id    text,
    started_at     timestamptz,
    ended_at       timestamptz,
    deadline       timestamptz,
    outcome        text        not null default '',
    turned_version integer     not null default 0,
    heard_at       timestamptz not null,
    primary key (generation, id)
) with (fillfactor = 70);
create index bankview_process_started on bankview_process (generation, started_at desc, id desc);
create index bankview_process_correlation on bankview_process (generation, correlation_id);
create index bankview_process_open on bankview_process (generation, deadline) where outcome = '';

create table bankview_process_step (
    generation smallint    not null,
    process_id text        not null,
    stream     text        not null,
    version    integer     not null,
    type       text        not null,
    time       timestamptz not null,
    actor      text        not null,
    detail     text        not null default '',
    primary key (generation, process_id, stream, version)
);
