"""Conformance tests of OGC API Features, Tiles and DGGS that any server is given from outside.

Each test bears the identifier of the requirement it tests. What a server declares is tested: its
own data give the samples and the filters, and filters are evaluated again over downloaded
features by a small evaluator that shares no code with any server. Tiles are decoded strictly and
held against the items; zones against H3 itself, and their data against each other.
"""
