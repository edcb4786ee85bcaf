"""Vendor credentials: stored in a system's secret, and checked with the vendor."""
