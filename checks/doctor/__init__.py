"""The command `atlante doctor`: whether a service is well, as clients see it.

Real clients that are installed here read every collection, by way of a proxy that writes down what
they ask; and every form of a collection has the same figures: the features as GeoJSON are the
reference, every other form is read whole and held against them as a multiset of ids with their
attributes; only what a form cannot hold is made equal first. Only HTTP is spoken.
"""
