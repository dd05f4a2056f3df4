"""OGC API - Processes with one process: an index by other weights, scales or means."""
