"""Checks rows against what is declared; a refused row is named, counted and never guessed."""
