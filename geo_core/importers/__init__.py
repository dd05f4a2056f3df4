"""Importers: one module for each published file that an office can download, see `registry`."""
