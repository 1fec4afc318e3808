"""What turns a checkout into a running bank: an embedded PostgreSQL, its databases and roles, and a supervisor."""
