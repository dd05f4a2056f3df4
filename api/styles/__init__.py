"""Styles for clients, compiled from one source."""
