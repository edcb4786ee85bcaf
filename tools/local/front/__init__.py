"""One local address for the deployed API, over http or https."""
