"""What published values are computed from, and what they would be by other choices."""
