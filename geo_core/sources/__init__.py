"""One file = one input format, read strictly into frames of text or typed columns."""
