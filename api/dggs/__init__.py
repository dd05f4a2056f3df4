"""OGC API - DGGS: the same figures by H3 zone, at every level that can be answered."""
