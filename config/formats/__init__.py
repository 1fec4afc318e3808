"""How pages write dates and times, by language. The API writes ISO 8601 whatever stands here."""
