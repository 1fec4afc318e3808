"""Customers owns who the customer is and how to reach him."""
