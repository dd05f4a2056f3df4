"""Real programs that read a service, each asked in a process of its own.

Each module is a program: it reads questions as JSON, one in a line, and answers each with a line
before it reads the next, so that what it asks of the service is known to be for that question.
A question has `root` (landing page), `id` of a collection, `where` (a field and a value it may
equal, or null), `tiles` (TileJSON and style, or null) and `page` (the collection's page). An
answer has what the client can tell: `count`, `fields`, `filtered` (features of `where`), `drawn`
(pixels of a drawing of its tiles), or `error`.
"""
