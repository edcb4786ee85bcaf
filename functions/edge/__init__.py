"""What no system's endpoint answers."""
