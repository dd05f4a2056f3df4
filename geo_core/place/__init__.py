"""Puts records and residents on H3, once, and sums them up the index."""
