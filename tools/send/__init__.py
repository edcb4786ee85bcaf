"""Sends a sample event through a running local API, and shows the calls of the app and of the gateway."""
