"""Importing a file from a page: choose it, see what it would book, import it, take it back.

A page places `button(kind)` and `place(kind)` in its layout; pages/importing.py fills them.
"""

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from components.card import attributes, card, icon
from components.costs import CATEGORIES
from components.format import Format
from components.sheet import Column, Line, sheet
from components.transactions import SOURCES
from models.errors import InvalidInput
from models.money import currencies
from services.access import COSTS_WRITE, EVENTS_WRITE
from services.imports.account import Account
from services.imports.costs import INCOME
from services.imports.statements import Layout, Overrides, Rejected
from services.imports.transactions import COSTS
from services.imports.trial import Trial
from services.imports.upload import LARGEST, Imported, Look, Upload, plain_name, too_large
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
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_SAID = {
    "date": "date",
    "amount": "amount",
    "debit": "money out",
    "credit": "money in",
    "fee": "fee",
    "currency": "currency",
    "description": "description",
    "category": "category",
}
_LEFT = {
    "refund of a sale": "Refunds, which reduce their sales",
    "moved forward": "Pending before, completed now",
    "duplicate": "There already, not doubled",
    INCOME: "Income, left for an import on Revenue",
    COSTS: "Costs, left for an import on Costs",
    "without an amount": "Without an amount",
    "failed": "Failed or called off",
    "no transaction": "Balances, totals and heads, which are no bookings",
}
"""What became of lines that were not stored, by their place in the account of an import."""


@dataclass(frozen=True)
class Kind:
    """What can be imported: who may (`scope`), what has to be chosen with it (`choices` under the label
    `asks`), and the store on the page of that `path` that is raised when something was stored or taken
    back."""

    name: Literal["costs", "transactions"]
    title: str
    scope: str
    asks: str
    choices: Mapping[str, str]
    usual: str
    nothing: str
    path: str
    changed: str

    def part(self, name: str) -> str:
        """The id of a part of the importer."""
        return f"import-{self.name}-{name}"

    def column(self, name: Any) -> dict[str, Any]:
        """The id of the field that names a column; `name` may be ALL."""
        return {"import-column": name, "of": self.name}

    def told(self, name: Any) -> dict[str, Any]:
        """The id of the field that tells how the file is written; `name` may be ALL."""
        return {"import-told": name, "of": self.name}


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "costs",
            "Import costs from a file",
            COSTS_WRITE,
            "Category where none is named",
            CATEGORIES,
            "tools",
            "Nothing in this file is a cost.",
            "/costs",
            "costs-changed",
        ),
        Kind(
            "transactions",
            "Import income from a file",
            EVENTS_WRITE,
            "It is income from",
            SOURCES,
            "booking",
            "Nothing in this file is income.",
            "/revenue",
            "revenue-changed",
        ),
    )
}


def button(kind: str) -> Component:
    """Where the button that opens the importer will be, for those who may use it."""
    return html.Div(id=KINDS[kind].part("button"), className="importer-button")


def place(kind: str) -> Component:
    """Where the importer opens."""
    return html.Div(id=KINDS[kind].part("place"), className="box span-12 importer-place")


def opener(kind: Kind, may_write: bool) -> Component | None:
    """The button itself; None for those who may only read."""
    if not may_write:
        return None
    act = json.dumps({"page": "import", "do": "open", "kind": kind.name})
    return html.Button(
        [icon("upload"), "Import a file"], type="button", className="button", **attributes(data_act=act)
    )


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


def ready(found: Look) -> str | None:
    """What the button that imports says; None when there is nothing to import."""
    if found.trial is None:
        return None
    rows = found.trial.rows + found.trial.account.places["refund of a sale"]
    return f"Import {rows:,} {'row' if rows == 1 else 'rows'}" if rows else None


def preview(kind: Kind, name: str, found: Look, fmt: Format) -> Component:
    """What an import of the file would do, or what has to be told before."""
    if found.trial is None:
        return _problem(str(found.problem))
    trial = found.trial
    return html.Div(
        [
            html.P(
                [html.Strong(plain_name(name)), ": ", _whole(trial, fmt) if trial.rows else kind.nothing],
                className="importer-whole",
            ),
            html.P(_read(trial.layout), className="card-note"),
            _sample(kind, trial, fmt) if trial.rows else None,
            _rest(trial.account, trial.rejected, fmt),
        ]
    )


def account(done: Imported, kind: Kind, name: str, profile: Profile, fmt: Format) -> Component:
    """What an import did, with the way back."""
    stored, moved = done.account.places["stored"], done.account.places["moved forward"]
    refunds = done.account.places["refund of a sale"]
    if stored or moved or refunds:
        words = f"{fmt.count(stored)} {'row' if stored == 1 else 'rows'} imported."
        undo = json.dumps(
            {"page": "import", "do": "undo", "kind": kind.name, "import": str(done.account.import_id)}
        )
        back = html.Span(
            [
                html.Button("Undo", type="button", className="link", **attributes(data_act=undo)),
                _shown(done, kind, profile),
            ]
        )
    else:
        words = "Nothing new was found, so nothing was stored."
        back = None
    return html.Div(
        [
            html.P([html.Strong(plain_name(name)), ": ", words, back], className="importer-whole"),
            _rest(done.account, done.rejected, fmt),
        ]
    )


def refusal(error: InvalidInput) -> Component:
    """Why an import was not made, with the first reason where there are many."""
    reasons = {problem.detail for problem in error.problems[:1]} - {str(error)}
    return _problem(" ".join([str(error), *reasons]))


def _shown(done: Imported, kind: Kind, profile: Profile) -> Component | None:
    """The way to the days of what was imported, which may lie outside the period of the page."""
    if done.first is None or done.last is None:
        return None
    asked = {"profile": str(profile.profile_id), "from": done.first.isoformat(), "to": done.last.isoformat()}
    return html.A("Show them", href=f"{kind.path}?{urlencode(asked)}#rows", className="link drill")


def _problem(sentence: str) -> Component:
    return html.P([icon("alert"), html.Span(sentence)], className="importer-problem", role="alert")


def _whole(trial: Trial, fmt: Format) -> str:
    """Number, days and sums: "11 rows, 18 – 31 Jan 2022, $37.09"."""
    sums = [fmt.money(amount, currency) for currency, amount in sorted(trial.sums.items())]
    days = [fmt.days(trial.first, trial.last)] if trial.first and trial.last else []
    rows = f"{fmt.count(trial.rows)} {'row' if trial.rows == 1 else 'rows'}"
    return ", ".join([rows, *days, " + ".join(sums)])


def _read(layout: Layout) -> str:
    """How the file is read, in a sentence."""
    columns = [
        f"{said} from “{layout.mapping[ours]}”" for ours, said in _SAID.items() if ours in layout.mapping
    ]
    if layout.delimiter == "OFX":
        return f"Read as OFX in {layout.encoding}."
    parted = _SEPARATORS.get(layout.delimiter, f"“{layout.delimiter}”")
    named = [f"{layout.currency} where no currency is named"] if layout.currency else []
    order = TOLD["date_order"][1].get(layout.date_order, layout.date_order).lower()
    parts = [f"dates as {order}", f"“{layout.decimal}” as decimal sign", *named, *columns]
    return f"Read as {layout.encoding} parted by {parted}: {', '.join(parts)}."


def _sample(kind: Kind, trial: Trial, fmt: Format) -> Component:
    columns = [
        Column("Date", "muted"),
        Column("What", "importer-what"),
        Column("Category" if kind.name == "costs" else "Source", "muted extra"),
        Column("Amount", "number"),
    ]
    lines = [
        Line(
            [
                fmt.day(row.day),
                row.description,
                kind.choices.get(row.category, row.category),
                fmt.money(row.amount, row.currency),
            ]
        )
        for row in trial.sample
    ]
    title = (
        "The rows to be booked" if len(lines) == trial.rows else f"The first {len(lines)} rows to be booked"
    )
    return sheet(columns, lines, title, heading=1)


def _rest(account: Account, rejected: Sequence[Rejected], fmt: Format) -> Component | None:
    """What did not become a row, and the notes on how the file was read."""
    places = account.places
    said = [
        f"{words}: {fmt.count(places[place])}" for place, words in _LEFT.items() if places[place]
    ] + account.notes
    refused = _rejected(rejected, places["rejected"], fmt) if places["rejected"] else None
    if not said and refused is None:
        return None
    return html.Div([html.Ul([html.Li(each) for each in said], className="importer-rest"), refused])


def _rejected(lines: Sequence[Rejected], many: int, fmt: Format) -> Component:
    columns = [
        Column("Line", "muted"),
        Column("Why", "importer-why"),
        Column("What it says", "importer-why muted extra"),
    ]
    rows = [Line([fmt.count(line.line), line.reason, line.text]) for line in lines]
    more = f" The first {len(rows)} are listed." if many > len(rows) else ""
    return html.Details(
        [
            html.Summary(f"Can't be taken: {fmt.count(many)}.{more}"),
            sheet(columns, rows, "Lines that can't be taken", heading=1),
        ],
        className="as-table",
        open=many <= 5,
    )
