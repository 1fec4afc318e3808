"""A day of banking through the public API, and whether everything adds up in the evening."""
