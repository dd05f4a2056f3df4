"""Indices and statistics on a table of the user's own: `atlante index`."""
