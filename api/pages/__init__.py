"""Pages for people, drawn from the same documents the API serves."""

from api.pages.templating import render

__all__ = ["render"]
