"""Reads `layers/`, `styles/` and `config/disclosure.yml` and checks them against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pydantic import model_validator

from geo_core.errors import CatalogError, NotFound
from geo_core.model.content import content_of, described
from geo_core.model.intake import IntakeDocument
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.manifest import Code, Manifest
from geo_core.model.policy import Policies, Policy
from geo_core.model.style import Scale, Style
from geo_core.model.tables import Table
from geo_core.model.text import Strict, Text
from geo_core.model.units import UNITS
from geo_core.strict_yaml import place, read_document
from geo_core.styling.fault import Fault
from geo_core.styling.fitting import misfits, unclassed
from geo_core.styling.palette import faults


class CodeEntry(Text):
    """One code of a list: its titles, and what it corresponds to elsewhere.

    Attributes
    ----------
    parent : str | None
        The wider code of the same list.
    siuss : tuple of str
        Codes of the national vocabularies of social benefits, the main one first.
    istat : str | None
        Area of ISTAT's survey of municipal social services.
    inspire : str | None
        INSPIRE ServiceType.
    osm : tuple of str
        OpenStreetMap tags, `key=value`, joined by ` + ` where all are needed.
    valid_from, valid_to : str | None
        First and last day of the code, where it has not always been in the list.
    published : bool
        False for a code that is known and neither accepted nor published.
    """

    parent: str | None = None
    siuss: tuple[str, ...] = ()
    istat: str | None = None
    inspire: str | None = None
    osm: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    published: bool = True


class CodeList(Strict):
    """A file of `layers/codelists/`."""

    title: Text
    source: Text
    version: str
    codes: dict[str, CodeEntry]

    @model_validator(mode="after")
    def _parents_exist(self) -> Self:
        for code, entry in self.codes.items():
            if entry.parent is not None and entry.parent not in self.codes:
                raise ValueError(f"the parent of {code!r} is not in the list")
        return self

    @property
    def published(self) -> tuple[Code, ...]:
        """The codes that rows may hold, as a release carries them."""
        return tuple(
            Code(code=code, title=Text(it=entry.it, en=entry.en))
            for code, entry in self.codes.items()
            if entry.published
        )


@dataclass(frozen=True)
class Catalog:
    """Everything that is declared.

    Attributes
    ----------
    layers : tuple of Layer
        What is published, in file order.
    documents : dict
        The layer files by family: what may be handed in for them.
    intake : dict
        What is handed in about persons, by table.
    styles : dict
        By family.
    codelists : dict
        The codes that rows may hold, by list.
    lists : dict
        The files of the code lists, with what their codes correspond to elsewhere.
    """

    layers: tuple[Layer, ...]
    documents: dict[str, LayerDocument]
    intake: dict[str, IntakeDocument]
    styles: dict[str, Style]
    codelists: dict[str, tuple[Code, ...]]
    lists: dict[str, CodeList]
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
    lists = {p.stem: read_document(p, CodeList) for p in _files(root / "layers" / "codelists")}
    catalog = Catalog(
        layers=tuple(x for path, doc in documents.items() for x in _resolve(path, doc)),
        documents={path.stem: doc for path, doc in documents.items()},
        intake={
            p.stem: read_document(p, IntakeDocument) for p in _files(root / "layers" / "intake")
        },
        styles={p.stem: read_document(p, Style) for p in _files(root / "styles")},
        codelists={name: one.published for name, one in lists.items()},
        lists=lists,
        policies=read_document(root / "config" / "disclosure.yml", Policies),
    )
    _check(catalog, root)
    return catalog


def is_declared(manifest: Manifest, root: Path) -> bool:
    """Tell whether a release holds the layers, styles and code lists declared in a folder."""
    catalog = read_catalog(root)
    embedded = {info.layer.id: info.layer for info in manifest.collections}
    return (
        embedded.keys() == {layer.id for layer in catalog.layers}
        and all(described(x, content_of(embedded[x.id])) == embedded[x.id] for x in catalog.layers)
        and manifest.codelists
        == {k: v for k, v in catalog.codelists.items() if k in manifest.codelists}
        and manifest.styles == {k: v for k, v in catalog.styles.items() if k in manifest.styles}
    )


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.yml"))
    if not found:
        raise CatalogError("no .yml file in this folder", where=str(folder.name))
    return found


_RESERVED: Final = frozenset({"dataset"})
"""Names that stand for something else in addresses: all collections together."""


def _resolve(path: Path, doc: LayerDocument) -> tuple[Layer, ...]:
    try:
        if path.stem in _RESERVED:
            raise ValueError  # noqa: TRY301 - said as of any other name that cannot be
        return doc.resolve(path.stem)
    except ValueError:
        raise CatalogError(
            f"{path.stem!r} cannot name a collection",
            where=f"{path.parent.name}/{path.name}",
            hint="rename the file: lower-case letters, digits and `_`, at most 30 with `_r8`",
        ) from None


def _check(catalog: Catalog, root: Path) -> None:
    families = {x.family for x in catalog.layers}
    for name, document in catalog.intake.items():
        path = root / "layers" / "intake" / f"{name}.yml"
        for column, answer in document.fields.items():
            if answer.codelist is not None:
                _known(answer.codelist, catalog.codelists, path, "fields", column, "codelist")
    for layer in catalog.layers:
        _check_layer(catalog, layer, root / "layers" / f"{layer.family}.yml")
        if layer.geometry != "none":
            _check_style(catalog, layer, root)
    _check_policies(catalog, root / "config" / "disclosure.yml")
    for family in catalog.styles:
        if family not in families:
            raise CatalogError(
                "no layer has this name", where=f"styles/{family}.yml", hint="rename or remove it"
            )


def _check_policies(catalog: Catalog, path: Path) -> None:
    for name, policy in catalog.policies.policies.items():
        _known(policy.codelist, catalog.codelists, path, "policies", name, "codelist")
        codes = {code.code for code in catalog.codelists[policy.codelist]}
        for i, category in enumerate(policy.categories):
            _known(category, codes, path, "policies", name, "categories", i)


def _check_layer(catalog: Catalog, layer: Layer, path: Path) -> None:
    names = set(layer.field_names)
    for i, key in enumerate(layer.sort):
        _known(key.removeprefix("-"), names, path, "sort", i)
    _known(layer.title_field, names, path, "title_field")
    for field in layer.fields:
        if field.codelist is not None:
            _known(field.codelist, catalog.codelists, path, "fields", field.name, "codelist")
    if layer.policy is not None:
        _known(layer.policy, catalog.policies.policies, path, "policy")
    if layer.estimated_on is not None:
        _check_estimates(catalog, layer, path)


def _check_estimates(catalog: Catalog, layer: Layer, path: Path) -> None:
    """Refuse estimates whose error nobody measures: of counts that are rounded, or on units."""
    if not isinstance(catalog.policies.policies.get(layer.policy or ""), Policy):
        raise CatalogError(
            "estimates are made of counts on areas that get noise, and of no others",
            where=place(path, "estimated_on"),
            hint="name a policy with `on: aree` and `method: dp`, or remove the file",
        )


def _check_style(catalog: Catalog, layer: Layer, root: Path) -> None:
    style = catalog.styles.get(layer.family)
    declared, drawn = (root / kind / f"{layer.family}.yml" for kind in ("layers", "styles"))
    if style is None:
        raise CatalogError(
            "has no style", where=f"layers/{declared.name}", hint=f"add styles/{drawn.name}"
        )
    areas = all(one.geometry == "MultiPolygon" for one in catalog.family(layer.family))
    for at, scale in _placed(style):
        _check_scale(scale, set(layer.field_names), drawn, *at)
        if (scale.mark == "fill") != areas:
            raise CatalogError(
                f"`mark` is {scale.mark!r}, of which the collection has no shapes",
                where=place(drawn, *at, "mark"),
                hint="write `fill` for areas, and `circle` for points",
            )
        _refuse(_misfits(catalog, layer, scale), drawn, *at)
        _refuse(faults(scale), drawn, *at)
    if style.label is not None:
        _known(style.label, set(layer.field_names), drawn, "label")
    if layer.raster is not None:
        # The raster has no colours of its own: it is drawn with the classes of the style.
        for i, name in enumerate(layer.raster.names):
            _known(name, style.classified, declared, "raster", "fields", i)


def _placed(style: Style) -> Iterator[tuple[tuple[str | int, ...], Scale]]:
    """Yield the scales of a style, each with the keys that lead to it."""
    yield (), style
    for number, scale in enumerate(style.also):
        yield ("also", number), scale


def _misfits(catalog: Catalog, layer: Layer, scale: Scale) -> Iterator[Fault]:
    for name in scale.fields:
        field = layer.field(name)
        codes = {code.code for code in catalog.codelists.get(field.codelist or "", ())}
        yield from misfits(scale, field, codes)


def _refuse(found: Iterable[Fault], path: Path, *at: str | int) -> None:
    for fault in found:
        raise CatalogError(fault.what, where=place(path, *at, *fault.at), hint=fault.hint)


def check_drawn(tables: Iterable[Table], catalog: Catalog, root: Path) -> None:
    """Refuse a value that no class of its style has: nobody would see it on a map.

    Parameters
    ----------
    tables : iterable of Table
        What is to be published.
    catalog : Catalog
        Its styles.
    root : Path
        Folder that holds `styles/`.

    Raises
    ------
    CatalogError
        With the line of the classes.
    """
    for table in tables:
        style, path = catalog.styles.get(table.layer.family), root / "styles"
        if style is None:
            continue
        for at, scale in _placed(style):
            for name in scale.fields:
                values = table.frame[name].dropna().unique().tolist()
                fault = unclassed(scale, name, values)
                _refuse([fault] if fault else [], path / f"{table.layer.family}.yml", *at)


def _check_scale(scale: Scale, names: set[str], path: Path, *at: str | int) -> None:
    for i, name in enumerate(scale.fields):
        _known(name, names, path, *at, "fields", i)
        if scale.band is not None:
            _known(f"{name}_fascia", names, path, *at, "band")
    if scale.unit is not None:
        _known(scale.unit, UNITS, path, *at, "unit")


def _known(name: str, known: Collection[str], path: Path, *keys: str | int) -> None:
    if name not in known:
        error = NotFound.among("name", name, known)
        key = ".".join(key for key in keys if isinstance(key, str))
        raise CatalogError(
            f"`{key}` names {name!r}, which does not exist",
            where=place(path, *keys),
            hint=error.hint,
        )
