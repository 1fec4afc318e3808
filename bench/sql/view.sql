\set s random(1, 10000)
select view_bulk(array_agg(md5((1 + (:s + 20 * g) % 10000)::text)::uuid), '{"amount":"120.00","currency":"EUR","transaction_id":"7f1a2b3c-1111-4222-8333-944455556666","description":"salary payment from employer, reference 2026/11","counterparty":"DE89370400440532013000"}') from generate_series(1, 500) g;
