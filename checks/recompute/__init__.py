"""Computes published values again from their lineage, by code of its own.

It needs nothing but Python: what an operation does is written here a second time, one number
after another. `python -m checks.recompute` is the same program as `atlante recompute`.
"""
