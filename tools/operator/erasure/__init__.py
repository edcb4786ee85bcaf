"""Erasure: one person's events removed from everything the gateway keeps."""
