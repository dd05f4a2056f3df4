"""The command `atlante doctor`: a service gives the same figures in every form it has.

The features as GeoJSON are the reference. Every other form of a collection is read whole and
held against them as a multiset of ids with their attributes; only what a form cannot hold is
made equal first. Only HTTP is spoken.
"""
