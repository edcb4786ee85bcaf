"""What the tools know of track."""
