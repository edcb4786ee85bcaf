"""What the tools know of Trax."""
