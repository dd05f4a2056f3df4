"""Disclosure control: the only way from counts of persons to a published table."""
