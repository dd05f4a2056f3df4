"""Atlante's build: from the files an office has to an immutable release."""
