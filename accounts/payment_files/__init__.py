"""Files of payments: read, checked as a whole, kept in parts, executed line by line."""
