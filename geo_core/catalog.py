"""Reads `layers/`, `styles/` and `config/disclosure.yml` and checks them against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo_core.errors import CatalogError, NotFound
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.manifest import Code, Manifest
from geo_core.model.policy import Policies
from geo_core.model.style import Style
from geo_core.model.text import Strict, Text
from geo_core.strict_yaml import read_document


class CodeList(Strict):
    """A file of `layers/codelists/`."""

    title: Text
    source: Text
    version: str
    codes: dict[str, Text]


@dataclass(frozen=True)
class Catalog:
    """Everything that is declared: layers in file order, styles by family, code lists, policies."""

    layers: tuple[Layer, ...]
    styles: dict[str, Style]
    codelists: dict[str, tuple[Code, ...]]
    policies: Policies

    def layer(self, ident: str) -> Layer:
        """Return one layer; `NotFound` with the closest name otherwise."""
        for layer in self.layers:
            if layer.id == ident:
                return layer
        raise NotFound.among("layer", ident, (x.id for x in self.layers))

    def family(self, family: str) -> tuple[Layer, ...]:
        """Return the layers of one family, coarse to fine."""
        return tuple(x for x in self.layers if x.family == family)


def read_catalog(root: Path) -> Catalog:
    """Read and cross-check every declared document.

    Parameters
    ----------
    root : Path
        Folder that holds `layers/`, `styles/` and `config/`.

    Raises
    ------
    CatalogError
        The first thing that is wrong, with file, line and fix.
    """
    documents = {p: read_document(p, LayerDocument) for p in _files(root / "layers")}
    catalog = Catalog(
        layers=tuple(x for path, doc in documents.items() for x in _resolve(path, doc)),
        styles={p.stem: read_document(p, Style) for p in _files(root / "styles")},
        codelists={
            p.stem: _codes(read_document(p, CodeList))
            for p in _files(root / "layers" / "codelists")
        },
        policies=read_document(root / "config" / "disclosure.yml", Policies),
    )
    _check(catalog)
    return catalog


def is_declared(manifest: Manifest, root: Path) -> bool:
    """Tell whether a release holds the layers, styles and code lists declared in a folder."""
    catalog = read_catalog(root)
    embedded = tuple(info.layer for info in manifest.collections)
    return (embedded, manifest.codelists) == (catalog.layers, catalog.codelists) and (
        manifest.styles == {k: v for k, v in catalog.styles.items() if k in manifest.styles}
    )


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.yml"))
    if not found:
        raise CatalogError("no .yml file in this folder", where=str(folder.name))
    return found


def _resolve(path: Path, doc: LayerDocument) -> tuple[Layer, ...]:
    try:
        return doc.resolve(path.stem)
    except ValueError as error:
        raise CatalogError(str(error), where=f"{path.parent.name}/{path.name}:1") from None


def _codes(doc: CodeList) -> tuple[Code, ...]:
    return tuple(Code(code=code, title=title) for code, title in doc.codes.items())


def _check(catalog: Catalog) -> None:
    families = {x.family for x in catalog.layers}
    for layer in catalog.layers:
        _check_layer(catalog, layer)
    for family in catalog.styles:
        if family not in families:
            raise CatalogError(
                "no layer has this name", where=f"styles/{family}.yml", hint="rename or remove it"
            )


def _check_layer(catalog: Catalog, layer: Layer) -> None:
    where = f"layers/{layer.family}.yml"
    names = set(layer.field_names)
    for key in layer.sort:
        _known(key.removeprefix("-"), names, where, "sort")
    _known(layer.title_field, names, where, "title_field")
    for field in layer.fields:
        if field.codelist is not None:
            _known(field.codelist, set(catalog.codelists), where, f"fields.{field.name}.codelist")
    if layer.policy is not None:
        _known(layer.policy, set(catalog.policies.policies), where, "policy")
    if layer.geometry == "none":
        return
    style = catalog.styles.get(layer.family)
    if style is None:
        raise CatalogError("has no style", where=where, hint=f"add styles/{layer.family}.yml")
    for name in style.fields:
        _known(name, names, f"styles/{layer.family}.yml", "fields")
    if layer.raster is not None:
        # The raster has no colours of its own: it is drawn with the classes of the style.
        _known(layer.raster.field, set(style.fields), where, "raster.field")
        if style.band is not None:
            _known(f"{name}_fascia", names, f"styles/{layer.family}.yml", "band")


def _known(name: str, known: set[str], where: str, key: str) -> None:
    if name not in known:
        error = NotFound.among("name", name, known)
        raise CatalogError(
            f"`{key}` names {name!r}, which does not exist", where=where, hint=error.hint
        )
