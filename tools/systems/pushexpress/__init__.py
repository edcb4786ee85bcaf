"""What the tools know of push.express."""
