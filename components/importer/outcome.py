"""What an import did, and what of the file did not become a row."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components.card import attributes, icon
from components.format import Format
from components.importer.kinds import Kind
from components.sheet import Column, Line, sheet
from services.imports.account import Account
from services.imports.costs import INCOME
from services.imports.statements import Rejected
from services.imports.transactions import COSTS
from services.imports.upload import Imported, plain_name
from services.profiles import Profile

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
            rest(done.account, done.rejected, fmt),
        ]
    )


def problem(sentence: str) -> Component:
    """Why there is nothing to import."""
    return html.P([icon("alert"), html.Span(sentence)], className="importer-problem", role="alert")


def rest(account: Account, rejected: Sequence[Rejected], fmt: Format) -> Component | None:
    """What did not become a row, and the notes on how the file was read."""
    places = account.places
    said = [
        f"{words}: {fmt.count(places[place])}" for place, words in _LEFT.items() if places[place]
    ] + account.notes
    refused = _rejected(rejected, places["rejected"], fmt) if places["rejected"] else None
    if not said and refused is None:
        return None
    return html.Div([html.Ul([html.Li(each) for each in said], className="importer-rest"), refused])


def _shown(done: Imported, kind: Kind, profile: Profile) -> Component | None:
    """The way to the days of what was imported, which may lie outside the period of the page."""
    if done.first is None or done.last is None:
        return None
    asked = {"profile": str(profile.profile_id), "from": done.first.isoformat(), "to": done.last.isoformat()}
    return html.A("Show them", href=f"{kind.path}?{urlencode(asked)}#rows", className="link drill")


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
