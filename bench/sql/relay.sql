select relay_bulk(500);
