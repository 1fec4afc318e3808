"""What Loans decides, without a database."""
