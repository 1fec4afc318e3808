"""The operators' console: pages that show, orders that operators give, and how things are written there."""
