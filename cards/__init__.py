"""Cards owns every card and every card payment."""
