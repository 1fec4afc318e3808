"""History: events as they are stored, chained, sealed, read again and verified."""
