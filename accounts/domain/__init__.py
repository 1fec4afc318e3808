"""What happens to accounts, and what is allowed. Pure."""
