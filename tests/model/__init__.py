"""Every interleaving of what may happen to a process, over the pure parts: deciders, reactions, sagas."""
