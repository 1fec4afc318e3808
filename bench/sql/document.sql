\set c random(1, 100)
select n, document from part where customer = :c order by n;
