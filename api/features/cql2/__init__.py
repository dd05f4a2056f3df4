"""CQL2, the filter language of OGC API Features, Part 3: text and JSON, read and evaluated.

`text` and `document` read a filter into the nodes of `nodes`; `evaluate` answers it with one truth
value per feature. Nothing of a client reaches a parser written in another language: every
length, depth and number is bounded here first.
"""
