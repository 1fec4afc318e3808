\set a random(1, 10000)
select version, balance from balance where stream = md5(:a::text)::uuid;
