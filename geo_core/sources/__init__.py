"""Input formats: one file each. A source reads and says where the data come from; no more."""
