"""What is delivered later."""
