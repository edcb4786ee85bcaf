"""What the tools know of MyTracker."""
