"""Writes, reads, verifies and switches immutable releases."""
