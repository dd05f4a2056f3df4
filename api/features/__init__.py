"""OGC API Features: one query engine, two doors."""
