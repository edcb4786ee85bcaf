"""`bin/trackgate doctor`: does a deployment work? Read-only unless `--deep`."""
