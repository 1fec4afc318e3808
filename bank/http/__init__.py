"""How the bank speaks HTTP: commands with idempotency keys, reads with ETags, problems, principals and the feed."""
