"""Deliberate leaks in tiles: drawn as a release draws them, but for one thing."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from leaks import LEAKS
from plain_mvt import Tags, encode
from tiny_site import drawn, ok


def _tile(change, ident="bisogni_r8"):
    """Return a plant that draws every tile of a collection anew: `change(features)` gives it."""

    def plant(scene):
        def later(service):
            for path in list(service.answers):
                if path.startswith(f"xyz/{ident}/"):
                    key = tuple(int(part) for part in path.removesuffix(".mvt").split("/")[2:])
                    service.answers[path] = ok(change(drawn(service.given[ident], key)))

        scene.later.append(later)

    return plant


def _layer(features):
    return encode("bisogni_r8", features)


def _numbered(features):
    return _layer(replace(feature, id=1000 + at) for at, feature in enumerate(features))


def _moved(features):
    first, *rest = features
    shapes = [[[(x + 40, y + 40) for x, y in ring] for ring in of] for of in first.polygons]
    return _layer([replace(first, polygons=shapes), *rest])


def _turned(feature):
    """Return a feature with its tags in the other order."""
    return replace(feature, tags=Tags(feature.tags.keys[::-1], feature.tags.values[::-1]))


def _begun(features):
    """Return a layer whose first outline begins at its second vertex."""
    first, *rest = features
    (ring, *holes), *others = first.polygons
    begun = [[[*ring[1:], ring[0]], *holes], *others]
    return _layer([replace(first, polygons=begun), *rest])


LEAKS["a second layer inside the tiles"] = (
    "formats",
    _tile(lambda features: _layer(features) + encode("casi", features[:1])),
)
LEAKS["features of tiles in a hidden order"] = (
    "formats",
    _tile(lambda features: _layer(sorted(features, key=lambda f: crc32(b"".join(f.tags.values))))),
)
LEAKS["a feature that a zoom does not have"] = "formats", _tile(lambda f: _layer(f[:-1]))
LEAKS["numbers of features that count records"] = "formats", _tile(_numbered)
LEAKS["an outline of tiles that is moved to the cases"] = "formats", _tile(_moved)
LEAKS["an outline of tiles that begins elsewhere"] = "formats", _tile(_begun)
LEAKS["tags of one feature in another order"] = (
    "formats",
    _tile(lambda features: _layer([features[0], _turned(features[1]), *features[2:]])),
)
LEAKS["tags of all features in another order"] = (
    "formats",
    _tile(lambda features: _layer(map(_turned, features))),
)
