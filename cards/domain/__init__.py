"""What can happen to cards and card payments, and what is allowed. Pure: no clock, no database."""
