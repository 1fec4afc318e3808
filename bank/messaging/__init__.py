"""From the outbox to every subscriber: relay, brokers, feed, consumers. The broker is for speed, the feed is the guarantee."""
