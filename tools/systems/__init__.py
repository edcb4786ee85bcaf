"""What the tools know of each system: one folder per system, found by looking."""
