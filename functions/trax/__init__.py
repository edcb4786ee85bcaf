"""Trax Sessions Input: a shop visit's session."""
