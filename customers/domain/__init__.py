"""What Customers decides, without a database."""
