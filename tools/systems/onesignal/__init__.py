"""What the tools know of OneSignal."""
