"""The vocabulary every stage shares: no file, socket or framework is touched here."""
