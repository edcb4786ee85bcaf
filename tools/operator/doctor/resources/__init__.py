"""The stack's resources, read through the AWS APIs without changing anything."""
