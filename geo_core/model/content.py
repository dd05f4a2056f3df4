"""What the rows of a layer are: whose, under which licence, invented or not.

A layer file says what a layer is, never what is in it: the same declaration serves the
demonstration and the district's own data. What a release says of a layer is made here, from
the content of that release.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from geo_core.model.layer import Invented, Layer, hexagon_note
from geo_core.model.text import Strict, Text

SHARE_ALIKE: Final = "ODbL-1.0"
"""What is made of rows under it is published under it."""

LICENCES: Final = {"CC-BY-4.0": "CC BY 4.0", SHARE_ALIKE: "ODbL 1.0"}
"""Licences that rows may have, and how people write them."""

_TITLE: Final[dict[Invented, Text]] = {
    "all": Text(it=" (dimostrativo)", en=" (demonstration)"),
    "some": Text(it=" (in parte dimostrativo)", en=" (partly demonstration)"),
}
_DESCRIPTION: Final[dict[Invented, Text]] = {
    "all": Text(
        it=" Dati inventati a scopo dimostrativo, da non usare per decidere.",
        en=" Invented data for demonstration: do not decide by them.",
    ),
    "some": Text(
        it=(
            " Una parte dei dati è inventata a scopo dimostrativo: dato_sintetico dice di ogni riga"
            " se lo è."
        ),
        en=" Some of the data are invented for demonstration: dato_sintetico says which rows are.",
    ),
}

_NOBODY: Final = Text(
    it="Nessuna fonte: la raccolta è vuota", en="No source: the collection is empty"
)


class Content(Strict):
    """What is true of the rows of one layer in one release.

    Attributes
    ----------
    synthetic : Invented
        How many rows are invented.
    licence : str
        SPDX name of the licence of the whole.
    sources : tuple of Text
        Whose data it is made of, each as it must be named; none if nothing was handed in.
    """

    synthetic: Invented
    licence: str
    sources: tuple[Text, ...]


def described(layer: Layer, content: Content) -> Layer:
    """Return a declared layer with what its content makes true of it."""
    sources = content.sources or (_NOBODY,)
    source = Text(
        it="; ".join(dict.fromkeys(text.it for text in sources)),
        en="; ".join(dict.fromkeys(text.en for text in sources)),
    )
    return layer.model_copy(
        update={
            "title": _titled(layer, content.synthetic),
            "description": _with(layer.description, _DESCRIPTION.get(content.synthetic)),
            "synthetic": content.synthetic,
            "licence": content.licence,
            "source": source,
            "attribution": source.it,
            # What nobody reads in an order has one: another could say something.
            "keywords": tuple(sorted(layer.keywords)),
            "made_of": tuple(sorted(layer.made_of)),
        }
    )


def content_of(layer: Layer) -> Content:
    """Return the content that a layer was described by."""
    return Content(synthetic=layer.synthetic, licence=layer.licence, sources=(layer.source,))


def titled(title: Text, synthetic: Invented) -> Text:
    """Return a title that says how much of what it stands over is invented."""
    return _with(title, _TITLE.get(synthetic))


def state_of(flags: Collection[bool]) -> Invented:
    """Return how many rows are invented, by the flag of each; none of no rows."""
    if not any(flags):
        return "none"
    return "all" if all(flags) else "some"


def licence_of(licences: Collection[str], *, otherwise: str) -> str:
    """Return the licence of what is made of rows under these."""
    return SHARE_ALIKE if SHARE_ALIKE in licences else otherwise


def _titled(layer: Layer, synthetic: Invented) -> Text:
    """Say it before the note on the size of hexagons, which stays at the end."""
    if layer.resolution is None:
        return titled(layer.title, synthetic)
    note = hexagon_note(layer.resolution)
    bare = Text(it=layer.title.it.removesuffix(note.it), en=layer.title.en.removesuffix(note.en))
    return _with(titled(bare, synthetic), note)


def _with(text: Text, more: Text | None) -> Text:
    return text if more is None else Text(it=text.it + more.it, en=text.en + more.en)
