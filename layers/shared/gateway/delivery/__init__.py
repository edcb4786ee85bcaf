"""Delivery that loses nothing: the protocol, its records, queue and dead letters."""
