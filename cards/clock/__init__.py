"""What Cards does by its own clock, when nobody asks."""
