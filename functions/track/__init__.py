"""track: the event collector, for which the gateway is the store itself."""
