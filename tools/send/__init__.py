"""Sends a sample event through a running local API and shows both wires."""
