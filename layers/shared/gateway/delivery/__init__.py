"""Delivery without loss: the protocol, idempotency, the queue, dead letters, redelivery."""
