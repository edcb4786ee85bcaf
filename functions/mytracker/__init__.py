"""MyTracker S2S: events imported from servers and devices."""
