"""What the bench measures of MyTracker."""
