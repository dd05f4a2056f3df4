"""Styles compiled for every client from one declaration."""
