"""An auditor that attacks what a service has published, from outside.

It is a client like any other: it follows links from the landing page of a server, or reads the
files of a release folder, imports nothing of the program that made them, and takes the rules of
the figures from public documents alone (schema, disclosure statement).
"""
