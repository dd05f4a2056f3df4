"""Sheets of municipalities and managing bodies: all that is published of a place, on one page."""
