"""The public service as plain files, for a web host that runs no program."""
