"""Client keys: created, listed, rotated, revoked."""
