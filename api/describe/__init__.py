"""Documents that describe the service: what there is, and how to ask for it."""
