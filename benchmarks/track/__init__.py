"""What the bench measures of track."""
