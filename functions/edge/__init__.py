"""Paths that no system's endpoint answers."""
