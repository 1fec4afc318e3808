-- Read tables. Django would add a second index to every text key, for searches nobody makes; rows change often, so pages
-- keep room for updates in place.

create table cards_card (
    card_id                 text        primary key,
    kind                    text        not null,
    customer_id             text        not null,
    account_id              text        not null,
    currency                text        not null,
    token                   text        not null,
    last_four               text        not null,
    status                  text        not null,
    blocked_for             text        not null,
    per_payment_limit_minor bigint      not null,
    per_day_limit_minor     bigint      not null,
    counted_on              date        not null,
    spent_minor             bigint      not null,
    issued_on               date        not null,
    expires_on              date        not null,
    version                 integer     not null
) with (fillfactor = 70);

create index cards_card_customer on cards_card (customer_id);

create table cards_payment (
    payment_id     text        primary key,
    card_id        text        not null,
    account_id     text        not null,
    customer_id    text        not null,
    merchant       text        not null,
    amount_minor   bigint      not null,
    currency       text        not null,
    status         text        not null,
    code           text        not null,
    captured_minor bigint      not null,
    refunded_minor bigint      not null,
    requested_on   date        not null,
    expires_on     date        not null,
    requested_at   timestamptz not null,
    authorized_at  timestamptz,
    captured_at    timestamptz,
    settled_at     timestamptz,
    ended_at       timestamptz,
    version        integer     not null
) with (fillfactor = 70);

create index cards_payment_customer on cards_payment (customer_id, requested_at desc);
create index cards_payment_open on cards_payment (expires_on) where status in ('requested', 'authorized');

create table cards_refund (
    refund_id    text        primary key,
    payment_id   text        not null,
    amount_minor bigint      not null,
    currency     text        not null,
    requested_at timestamptz not null,
    settled_at   timestamptz
);

create index cards_refund_payment on cards_refund (payment_id);
