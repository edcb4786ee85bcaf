"""track: the event collector; the gateway itself is its store."""
