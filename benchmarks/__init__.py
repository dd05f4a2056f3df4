"""Measures the project on this machine: `make bench`, or `python -m benchmarks`."""
