"""The importer as it opens: where to put the file, and what tells how it is read."""

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from components.card import attributes, card, icon
from components.importer.kinds import Kind
from models.errors import InvalidInput
from models.money import currencies
from services.imports.statements import Overrides
from services.imports.upload import LARGEST, Look, Upload, too_large
from services.profiles import Profile

COLUMNS = {
    "date": "Date column",
    "amount": "Amount column",
    "debit": "Money out column",
    "credit": "Money in column",
    "description": "Description column",
    "currency": "Currency column",
}

TOLD = {
    "date_order": (
        "Date order",
        {"dmy": "Day, month, year", "mdy": "Month, day, year", "ymd": "Year, month, day"},
    ),
    "decimal": ("Decimal sign", {".": "Point: 1,234.50", ",": "Comma: 1.234,50"}),
    "currency": ("Currency where none is named", {}),
    "delimiter": ("Separator", {",": "Comma", ";": "Semicolon", "tab": "Tab", "|": "Bar"}),
    "encoding": (
        "Encoding",
        {name: name for name in ("UTF-8", "windows-1252", "ISO-8859-1", "windows-1250", "windows-1251")},
    ),
    "sign": ("Signs", {"normal": "As in the file", "inverted": "Turned round"}),
}


def chooser(kind: Kind, profile: Profile) -> Component:
    """The importer as it opens: where to put the file, and what will say how it is read."""
    close = json.dumps({"page": "import", "do": "close", "kind": kind.name})
    drop = dcc.Upload(
        [
            html.Button([icon("upload"), "Choose a file"], type="button", className="button"),
            html.Span("or drop it here", className="muted"),
        ],
        id=kind.part("file"),
        accept=".csv,.txt,.tsv,.ofx,.qfx,text/csv,text/plain",
        max_size=LARGEST,
        className="importer-drop",
        className_active="importer-drop active",
        className_reject="importer-drop active",
        style={},
        style_active={},
        style_reject={},
    )
    return card(
        kind.title,
        html.Div(
            [drop, _choice(kind)],
            className="importer-start",
            **attributes(
                data_largest=str(LARGEST),
                data_problem=kind.part("preview"),
                data_too_large=too_large("{}", kind.name),
            ),
        ),
        html.Div(id=kind.part("preview"), className="importer-preview", **attributes(aria_live="polite")),
        html.Details(
            [
                html.Summary("How the file is read"),
                html.Div(_fields(kind), className="importer-fields"),
            ],
            id=kind.part("reading"),
            className="importer-reading",
            hidden=True,
        ),
        html.Div(
            [
                html.Button(
                    "Import", id=kind.part("go"), type="button", className="button filled", hidden=True
                ),
                html.Button("Close", type="button", className="button", **attributes(data_act=close)),
            ],
            className="form-buttons",
        ),
        note=f"For {profile.name}. The export of a bank or payment service (CSV, OFX or QFX), or a list of "
        "your own. You see what it would book before anything is stored.",
        name="importer",
    )


def upload_of(
    kind: Kind, name: str | None, contents: str, columns: Mapping[str, Any], told: Mapping[str, Any]
) -> Upload:
    """The file as the browser sent it (a data: URL) with what was told. Raises InvalidInput when it is
    none."""
    try:
        content = b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The file did not arrive whole; choose it again.") from None
    written = {field: value for field, value in told.items() if value and field in TOLD}
    mapping = {ours: theirs for ours, theirs in columns.items() if theirs and ours in COLUMNS}
    choice = str(told.get("choice"))
    return Upload(
        kind.name,
        name or "file",
        content,
        choice if choice in kind.choices else kind.usual,
        Overrides(mapping=mapping, **written),
    )


def column_choices(found: Look) -> list[dict[str, str]]:
    """The columns of the file to choose from; a column is told by its number, for names may be alike."""
    return [
        {"value": str(number), "label": name or f"Column {number}"}
        for number, name in enumerate(found.columns, 1)
    ]


def asked(found: Look) -> frozenset[str]:
    """What has to be told about the file; both sides of a pair of columns are asked together."""
    pointers = {each.pointer for each in found.problem.problems} if found.problem else set()
    return frozenset(pointers | {"credit"} if "debit" in pointers else pointers)


def _choice(kind: Kind) -> Component:
    field: Component = dmc.Select(
        id=kind.told("choice"),
        label=kind.asks,
        data=[{"value": value, "label": label} for value, label in kind.choices.items()],
        value=kind.usual,
        allowDeselect=False,
        size="sm",
    )
    return field


def _fields(kind: Kind) -> list[Component]:
    written = [
        dmc.Select(
            id=kind.told(name),
            label=label,
            data=[{"value": value, "label": text} for value, text in choices.items()] or sorted(currencies()),
            placeholder="As found",
            clearable=True,
            searchable=not choices,
            limit=50,
            size="sm",
        )
        for name, (label, choices) in TOLD.items()
    ]
    columns = [
        dmc.Select(
            id=kind.column(name), label=label, data=[], placeholder="As found", clearable=True, size="sm"
        )
        for name, label in COLUMNS.items()
    ]
    return [*columns, *written]
