"""How a release is cited: in the Citation File Format 1.2.0 and in BibTeX.

A release never changes and has an address of its own, which both name, whatever address they were
asked for at. Neither names a day of publication: a release holds no clock. The year is that of the
day the data refer to.

Source of the formats: Citation File Format 1.2.0, doi:10.5281/zenodo.5171937; BibTeX's `@misc`.
"""

from __future__ import annotations

from typing import Final

import yaml
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import answer, ask
from api.language import Media
from geo_core.model.manifest import Manifest
from geo_core.model.text import Lang, Text

CFF_PATH: Final = "/CITATION.cff"
BIBTEX_PATH: Final = "/citation.bib"
CFF: Final = Media("cff", "application/yaml", ("application/x-yaml", "text/yaml"))
BIBTEX: Final = Media("bib", "application/x-bibtex; charset=utf-8", ("text/x-bibtex",))

_MESSAGE: Final = Text(
    it="Chi usa questi dati li citi così: l'indirizzo è di questa versione e non cambia.",
    en="Please cite these data as below: the address is of this release and never changes.",
)
_ABSTRACT: Final = Text(
    it="Dati riferiti al {day}. Licenza {licences}. {invented}Fonti: {sources}.",
    en="Data as of {day}. Licence {licences}. {invented}Sources: {sources}.",
)
_INVENTED: Final = Text(
    it="Dimostrazione: contiene dati inventati. ", en="Demonstration: it holds invented data. "
)
_PINNED: Final = Text(it="Indirizzo della versione", en="Address of the release")
_ESCAPED: Final = str.maketrans({
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
})  # fmt: skip
"""Signs that mean something to TeX."""


def routes() -> list[Route]:
    """Return the routes of both forms."""
    return [
        Route(CFF_PATH, _cff, methods=["GET"]),
        Route(BIBTEX_PATH, _bibtex, methods=["GET"]),
    ]


async def _cff(request: Request) -> Response:
    asked = ask(request, media=(CFF,))
    url = address(asked.served.settings.public_url, asked.served.release.id)
    return answer(asked, lambda: cff(asked.served.release.manifest, url, asked.lang).encode())


async def _bibtex(request: Request) -> Response:
    asked = ask(request, media=(BIBTEX,))
    url = address(asked.served.settings.public_url, asked.served.release.id)
    return answer(asked, lambda: bibtex(asked.served.release.manifest, url, asked.lang).encode())


def address(public_url: str, ident: str) -> str:
    """Return the address that a release is cited by."""
    return f"{public_url}/releases/{ident}/"


def cff(manifest: Manifest, url: str, lang: Lang) -> str:
    """Return a release as a `CITATION.cff`.

    Parameters
    ----------
    url : str
        Address of the release.
    """
    publication, licences = manifest.publication, _licences(manifest)
    said = {
        "cff-version": "1.2.0",
        "message": _MESSAGE.in_(lang),
        "type": "dataset",
        "title": manifest.title.in_(lang),
        "version": manifest.id,
        "abstract": _abstract(manifest, lang),
        "authors": [{"name": publication.rights_holder.name.in_(lang)}],
        "contact": [
            {"name": publication.contact.name.in_(lang), "email": publication.contact.email}
        ],
        "license": licences[0] if len(licences) == 1 else licences,
        "url": url,
        "identifiers": [{"type": "url", "value": url, "description": _PINNED.in_(lang)}],
    }
    return str(yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100))


def bibtex(manifest: Manifest, url: str, lang: Lang) -> str:
    """Return a release as an entry for BibTeX.

    Parameters
    ----------
    url : str
        Address of the release.
    """
    publication = manifest.publication
    title = f"{manifest.title.in_(lang)}, {_VERSION.in_(lang)} {manifest.id}"
    said = {
        # A name and a title in two braces stay as they are written.
        "author": f"{{{_tex(publication.rights_holder.name.in_(lang))}}}",
        "title": f"{{{_tex(title)}}}",
        "year": manifest.reference_date[:4],
        "publisher": _tex(publication.publisher.name.in_(lang)),
        "version": manifest.id,
        "url": url,
        "note": _tex(_abstract(manifest, lang)),
    }
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in said.items())
    return f"@misc{{atlante-{manifest.id},\n{fields}}}\n"


_VERSION: Final = Text(it="versione", en="release")


def plain(manifest: Manifest, url: str, lang: Lang) -> str:
    """Return a release as one sentence of a list of references."""
    holder = manifest.publication.rights_holder.name.in_(lang)
    title, year = manifest.title.in_(lang), manifest.reference_date[:4]
    return f"{holder} ({year}). {title}, {_VERSION.in_(lang)} {manifest.id}. {url}"


def _abstract(manifest: Manifest, lang: Lang) -> str:
    invented = any(info.layer.synthetic != "none" for info in manifest.collections)
    return _ABSTRACT.in_(lang).format(
        day=manifest.reference_date,
        licences=", ".join(_licences(manifest)),
        invented=_INVENTED.in_(lang) if invented else "",
        sources="; ".join(dict.fromkeys(one.attribution for one in manifest.inputs)),
    )


def _licences(manifest: Manifest) -> list[str]:
    return sorted({info.layer.licence for info in manifest.collections})


def _tex(text: str) -> str:
    return text.translate(_ESCAPED)
