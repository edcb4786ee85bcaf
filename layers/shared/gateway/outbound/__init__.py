"""The way out: HTTP, AWS calls, secrets."""
