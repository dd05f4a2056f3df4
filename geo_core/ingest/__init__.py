"""Checks what an office hands in, row by row: what passes is typed, what fails is reported."""
