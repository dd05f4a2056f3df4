"""The commands of `atlante`, by what they look after; `geo_core/cli.py` puts them together."""
