"""Calls to vendors and to AWS, and the secrets that they need."""
