"""`trackgate doctor`: does this deployment work? Read-only unless `--deep`."""
