"""Takes in what offices send: read, checked, put in the place of what it replaces, receipted."""
