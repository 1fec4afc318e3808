"""People who sign in: customers and operators."""
