"""The map for the sites of others: snippets to copy, and oEmbed for editors that ask by themselves.

Source of the answer's form: oEmbed 1.0, type `rich`.
"""

from __future__ import annotations

from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from api.asked import Asked
from api.embed.figures import Figures
from api.embed.page import address
from api.embed.summary import summary
from api.embed.view import NAMES, View, view
from api.language import LANGUAGES
from api.params import read_query
from geo_core.errors import AtlanteError, NotFound
from geo_core.model.text import Lang

WIDTH: Final = 900
HEIGHT: Final = 640
ELEMENT: Final = "/embed/atlante-mappa.js"
_SANDBOX: Final = (
    "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms"
)


class Snippet(NamedTuple):
    """Ways to put a map on a page, each as HTML to copy.

    Attributes
    ----------
    frame : str
        An `iframe`.
    picture : str
        A picture with a link, for editors that take frames out.
    element : str
        A custom element that adapts its height.
    """

    frame: str
    picture: str
    element: str


def snippets(asked: Asked, shown: View) -> Snippet:
    """Return the snippets of a map."""
    href = f"{asked.base}/embed?{address(shown, asked.lang)}"
    figures = Figures(shown, asked.lang)
    title = _title(shown, figures)
    said = f"{title}. {summary(figures, asked.lang)[0]}"
    chosen = {"field": shown.field, "anno": shown.year, "comune": shown.town, "lang": asked.lang}
    query = urlencode({name: value for name, value in chosen.items() if value})
    image = f"{asked.base}/embed/{shown.collection.id}.svg?{query}"
    return Snippet(
        frame=frame(href, title, "100%", HEIGHT),
        picture=(
            f'<a href="{escape(href)}"><img src="{escape(image)}" alt="{escape(said)}" '
            'width="100%"></a>'
        ),
        element=(
            f'<script type="module" src="{escape(asked.base + ELEMENT)}"></script>\n'
            f'<atlante-mappa src="{escape(href)}" titolo="{escape(title)}">'
            f'<a href="{escape(href)}">{escape(title)}</a></atlante-mappa>'
        ),
    )


def frame(href: str, title: str, width: int | str, height: int) -> str:
    """Return an `iframe`; it has no style, which a strict policy of the site would refuse."""
    return (
        f'<iframe src="{escape(href)}" title="{escape(title)}" width="{width}" '
        f'height="{height}" frameborder="0" loading="lazy" '
        f'referrerpolicy="no-referrer" sandbox="{_SANDBOX}" allow="clipboard-write"></iframe>'
    )


def oembed(asked: Asked, address_: str, most: tuple[int, int]) -> dict[str, object]:
    """Return the oEmbed answer for the address of a map.

    Parameters
    ----------
    most : tuple of int
        Greatest width and height, pixels.

    Raises
    ------
    NotFound
        The address is of no map of this service.
    """
    shown, lang = _asked_for(asked, address_)
    width, height = min(WIDTH, most[0]), min(HEIGHT, most[1])
    title = _title(shown, Figures(shown, lang))
    manifest = asked.served.release.manifest
    href = f"{asked.base}/embed?{address(shown, lang)}"
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": manifest.publication.publisher.name.in_(lang),
        "provider_url": f"{asked.base}/",
        "html": frame(href, title, width, height),
        "width": width,
        "height": height,
        "cache_age": 86_400,
    }


def _asked_for(asked: Asked, text: str) -> tuple[View, Lang]:
    """Return the map that an address shows, and its language."""
    start = f"{asked.base}/embed"
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that hold no address, letters that no host has
        raise NotFound("this is not the address of a map of this service") from None
    path = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    layer = path.removeprefix(f"{start}/") if path.startswith(f"{start}/") else None
    if path != start and layer is None:
        raise NotFound("this is not the address of a map of this service")
    try:
        given = read_query(parts.query.encode(), {*NAMES, "lang", "f"})
        lang: Lang = next((one for one in LANGUAGES if one == given.get("lang")), asked.lang)
        return view(asked.served, given, layer), lang
    except AtlanteError as error:
        raise NotFound(error.message, hint=error.hint) from None


def _title(shown: View, figures: Figures) -> str:
    return " · ".join(filter(None, (figures.title, shown.town_name, shown.year)))
