"""Measurements: each a ratio to what raw SQL does on the same server in the same minute. `make bench` runs them."""
