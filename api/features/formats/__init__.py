"""The formats of a query result: one module each, over the same rows and the same values."""
