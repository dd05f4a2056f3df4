"""Real programs that read a service, each asked in a process of its own.

Each module is a program: it reads questions as JSON, one in a line, and answers each with a line
before it reads the next, so that what it asks of the service is known to be for that question.
A question has `root` (landing page), `id` of a collection, `where` (a field and a value it may
equal, or null), `tiles` (TileJSON and style, or null), `qml` (a style for QGIS, or nothing) and
`page` (the collection's page); or `project`, the address of a project of QGIS. Of a copy made of
files it has `catalogue`, an OGR virtual data source, in place of a service. An answer has what the
client can tell: `count`, `fields`, `filtered` (features of `where`), `styled` (what is wrong
with the style, or nothing), `drawn` (pixels of drawings of its tiles), `broken` (layers of a
project that are not valid), or `error`.
"""
