"""Layers as QGIS prepares them: a QML document with classes, names of fields, codes in words.

What a careful colleague would set by hand in QGIS 3.22 or later: nothing here needs a plugin or
a QGIS on the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from geo_core.model.field import COMMON, Field
from geo_core.model.layer import Layer
from geo_core.model.manifest import Code
from geo_core.model.style import Scale, Style
from geo_core.model.text import Lang, Text
from geo_core.model.units import unit_in
from geo_core.styling.qgis_rules import choices, renderer, visibility
from geo_core.styling.qgis_symbols import labels

type Codes = Mapping[str, Sequence[Code]]
"""Code lists by name."""

VERSION: Final = "3.22.16"
"""The oldest QGIS that reads these documents: it is tried with it."""

_DOCTYPE: Final = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VALUES: Final = Text(it="Valori", en="Values")
_SOURCE: Final = Text(it="Periodo, fonte e licenza", en="Period, source and licence")
_TOLD: Final = 5
"""Figures in the text that appears over a feature."""
_UNSAID: Final = frozenset({None, "1", "classe", "posizione"})


def qml(
    style: Style,
    layer: Layer,
    codes: Codes,
    *,
    lang: Lang,
    choice: tuple[Scale, str | None] | None = None,
) -> bytes:
    """Return the QML document of a layer, as UTF-8: see `named_style`."""
    root = named_style(style, layer, codes, lang=lang, choice=choice)
    return _DOCTYPE + bytes(ET.tostring(root, encoding="utf-8"))


def named_style(
    style: Style,
    layer: Layer,
    codes: Codes,
    *,
    lang: Lang,
    choice: tuple[Scale, str | None] | None = None,
) -> ET.Element:
    """Return a style of a layer: the root of a QML document, and what a project holds of it.

    Parameters
    ----------
    style : Style
        Its classes and colours.
    layer : Layer
        The collection.
    codes : Codes
        Code lists, for values in words.
    lang : Lang
        Language of legend, names and codes.
    choice : pair, optional
        The field it is drawn by, with its classes; the style's default without it.
    """
    root = ET.Element("qgis", {"version": VERSION, **attributes(style)})
    root.extend(described(style, layer, codes, lang=lang, choice=choice))
    return root


def attributes(style: Style | None) -> dict[str, str]:
    """Return the attributes of a QML document and of a layer of a project."""
    labelled = style is not None and style.label is not None
    seen = visibility(style) if style is not None else {}
    return {"readOnly": "1", "labelsEnabled": str(int(labelled)), **seen}


def described(
    style: Style | None,
    layer: Layer,
    codes: Codes,
    *,
    lang: Lang,
    choice: tuple[Scale, str | None] | None = None,
) -> list[ET.Element]:
    """Return what a QML document and a layer of a project have in common.

    Parameters
    ----------
    style : Style | None
        None of a table without geometry.
    """
    drawn = []
    if style is not None:
        scale, field = choice or next(choices(style))
        drawn = [renderer(scale, field, layer, lang)]
        drawn += [labels(style.label)] if style.label else []
    return [
        *_temporal(layer),
        *drawn,
        _fields(layer, codes, lang),
        _aliases(layer, lang),
        *_form(layer, lang),
        _untouched(layer),
        _said("previewExpression", _display(layer)),
        _said("mapTip", _tip(style, layer, lang)),
    ]


def _temporal(layer: Layer) -> list[ET.Element]:
    """Return what the temporal controller needs, of a layer whose rows have a period."""
    if not layer.period:
        return []
    said = {"enabled": "1", "mode": "2", "startField": "periodo_inizio", "endField": "periodo_fine",
            "limitMode": "1", "accumulate": "0", "durationUnit": "min"}  # fmt: skip
    node = ET.Element("temporal", said)
    fixed = ET.SubElement(node, "fixedRange")
    ET.SubElement(fixed, "start")
    ET.SubElement(fixed, "end")
    return [node]


def _fields(layer: Layer, codes: Codes, lang: Lang) -> ET.Element:
    node = ET.Element("fieldConfiguration")
    for field in layer.fields:
        one = ET.SubElement(node, "field", {"name": field.name})
        listed = codes.get(field.codelist or "", ())
        scalar = field.type != "codes"
        kind = "ValueMap" if listed and scalar else ""
        widget = ET.SubElement(one, "editWidget", {"type": kind})
        config = ET.SubElement(widget, "config")
        if kind:
            config.append(_value_map(listed, lang))
    return node


def _value_map(listed: Sequence[Code], lang: Lang) -> ET.Element:
    outer = ET.Element("Option", {"type": "Map"})
    entries = ET.SubElement(outer, "Option", {"type": "List", "name": "map"})
    for code in listed:
        entry = ET.SubElement(entries, "Option", {"type": "Map"})
        said = {"type": "QString", "name": code.title.in_(lang), "value": code.code}
        ET.SubElement(entry, "Option", said)
    return outer


def _aliases(layer: Layer, lang: Lang) -> ET.Element:
    node = ET.Element("aliases")
    for number, field in enumerate(layer.fields):
        said = {"index": str(number), "field": field.name, "name": _titled(field, lang)}
        ET.SubElement(node, "alias", said)
    return node


def _titled(field: Field, lang: Lang) -> str:
    if field.unit is None or field.unit in _UNSAID:
        return field.title.in_(lang)
    return f"{field.title.in_(lang)} ({unit_in(field.unit, lang)})"


def _form(layer: Layer, lang: Lang) -> list[ET.Element]:
    """Return a form of two tabs: what is said of a feature, and where that comes from."""
    form = ET.Element("attributeEditorForm")
    common = [f for f in layer.fields if f.name in COMMON and f.name != "id"]
    own = [f for f in layer.fields if f not in common]
    for title, found in ((_VALUES, own), (_SOURCE, common)):
        tab = ET.SubElement(
            form,
            "attributeEditorContainer",
            {"name": title.in_(lang), "groupBox": "0", "columnCount": "1", "showLabel": "1"},
        )
        for field in found:
            index = str(layer.field_names.index(field.name))
            said = {"name": field.name, "index": index, "showLabel": "1"}
            ET.SubElement(tab, "attributeEditorField", said)
    return [_said("editorlayout", "tablayout"), form]


def _untouched(layer: Layer) -> ET.Element:
    """Return that no field is to be edited: the service is for reading."""
    node = ET.Element("editable")
    for name in layer.field_names:
        ET.SubElement(node, "field", {"name": name, "editable": "0"})
    return node


def _display(layer: Layer) -> str:
    """Return the expression by which a feature is called: its name, and its municipality."""
    title, town = layer.title_field, "nome_comune"
    if town in layer.field_names and title != town:
        return f'concat("{title}", \' — \', "{town}")'
    return f'"{title}"'


def _tip(style: Style | None, layer: Layer, lang: Lang) -> str:
    """Return the HTML shown over a feature: its name, and the figures it is drawn by.

    Texts of features are escaped by the expression: they are data, and no HTML.
    """
    shown = [f for scale in style.scales for f in scale.fields][:_TOLD] if style else []
    found = [layer.field(name) for name in shown]
    lines = (f"<br>{_plain(_titled(f, lang))}: [% {_inert(f.name)} %]" for f in found)
    return f"<b>[% {_inert(layer.title_field)} %]</b>{''.join(lines)}"


def _inert(name: str) -> str:
    """Return an expression of a field's value in words, in which nothing is HTML."""
    value = f"coalesce(to_string(represent_value(\"{name}\")), '-')"
    return f"replace({value}, map('&', '&amp;', '<', '&lt;', '>', '&gt;'))"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("[%", "[ %")


def _said(name: str, text: str) -> ET.Element:
    node = ET.Element(name)
    node.text = text
    return node
