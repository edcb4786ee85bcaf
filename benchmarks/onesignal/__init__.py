"""What the bench measures of OneSignal, and of Trackgate by its example."""
