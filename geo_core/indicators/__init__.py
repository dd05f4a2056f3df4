"""One file = one family of plain functions over arrays."""
