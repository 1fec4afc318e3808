"""From the outbox to every subscriber. The broker is for speed, the feed is the guarantee."""
