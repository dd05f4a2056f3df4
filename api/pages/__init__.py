"""Pages for people, drawn from the same documents the API serves."""
