"""Redelivery of queued tasks."""
