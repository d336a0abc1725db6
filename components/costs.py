"""The table of costs, edited in place: a form on top adds, a row turns into a form to be changed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from textwrap import shorten
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from components.card import attributes, card, empty, icon
from components.format import Format
from components.sheet import Action, Cell, Column, Line, sheet
from models.clock import now
from models.errors import InvalidInput
from models.money import currencies
from services.costs import CostEntry
from services.ingest.inputs import Cost
from services.profiles import Profile
from services.scope import Scope

CATEGORIES = {
    "marketing": "Marketing",
    "subscriptions": "Subscriptions",
    "tools": "Tools",
    "platform_fees": "Platform fees",
}
NEW = "new"
MOST = 200
FIELDS = {
    "expense_date": "Date",
    "category": "Category",
    "description": "Description",
    "channel": "Channel",
    "amount": "Amount",
    "currency": "Currency",
}
_SAMPLE = Decimal("125")

Values = Mapping[str, Any]


def entries(
    found: Sequence[CostEntry], scope: Scope, fmt: Format, editing: str | None, may_write: bool
) -> Component:
    """The card with the entries, newest first; the one of the id `editing` is a form."""
    if not found:
        how = "Add the first one above; profit follows at once." if may_write else None
        return card("Entries", empty("No costs in this period", how), name="list-card")
    shown = list(found[:MOST])
    at = next((index for index, entry in enumerate(shown) if str(entry.cost_id) == editing), None)
    if at is None or not may_write:
        parts: list[Component | None] = [_sheet(shown, scope.currency, fmt, may_write)]
    else:
        parts = [
            _sheet(shown[:at], scope.currency, fmt, may_write),
            _editor(shown[at], fmt),
            _sheet(shown[at + 1 :], scope.currency, fmt, may_write, headless=True)
            if shown[at + 1 :]
            else None,
        ]
    note = f"The newest {MOST} are listed; choose a shorter period for others."
    return card(
        "Entries",
        html.Div(parts, className="entries-scroll", tabIndex="0"),
        html.P(note, className="card-note") if len(found) > MOST else None,
        name="list-card",
    )


def adder(profile: Profile, may_write: bool, last: Values | None = None) -> Component | None:
    """The card with the form for a new cost; None for those who may only read.

    Day, category and currency begin as in the `last` one: receipts come in heaps.
    """
    if not may_write:
        return None
    kept = {name: last[name] for name in ("expense_date", "category", "currency")} if last else {}
    today = profile.local_date(now()).isoformat()
    values = {"category": "marketing", "currency": profile.currency, "expense_date": today, **kept}
    return card("Add a cost", _form(NEW, values, _save(NEW, "plus", "Add cost")))


def read(written: Values, profile: Profile, fmt: Format) -> Cost:
    """The cost that was written into a form. Raises InvalidInput with a sentence for its first mistake."""
    amount = fmt.read(str(written.get("amount") or ""))
    if amount is None:
        sample = fmt.amount(_SAMPLE, profile.currency)
        raise InvalidInput.at("/amount", f"The amount is missing or not a number; write it like {sample}.")
    try:
        return Cost.model_validate({**written, "profile_id": profile.profile_id, "amount": amount})
    except ValidationError as error:
        first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else "amount"
    name = FIELDS.get(field, field)
    if written.get(field) in (None, ""):
        raise InvalidInput.at(f"/{field}", f"{name} is missing.")
    raise InvalidInput.at(f"/{field}", f"{name}: {first['msg'].removeprefix('Value error, ')}")


def plain(entry: CostEntry) -> dict[str, Any]:
    """The entry as plain values that Cost reads again; for taking a change back."""
    return {
        "profile_id": str(entry.profile_id),
        "category": entry.category,
        "description": entry.description,
        "channel": entry.channel,
        "amount": str(entry.amount),
        "currency": entry.currency,
        "expense_date": entry.expense_date.isoformat(),
    }


def words(entry: CostEntry, fmt: Format) -> str:
    """The entry in a sentence: "Instagram ads, €120.00"."""
    return f"{shorten(entry.description, 60, placeholder='…')}, {fmt.money(entry.amount, entry.currency)}"


def channel(name: str) -> str:
    """What a channel is called."""
    return name or "No channel named"


def _sheet(
    found: Sequence[CostEntry], currency: str, fmt: Format, may_write: bool, headless: bool = False
) -> Component:
    columns = [
        Column("Date", "cost-date"),
        Column("Category", "cost-category"),
        Column("Description", "cost-description"),
        Column("Channel", "cost-channel muted"),
        Column("Amount", "number cost-amount"),
        Column("Actions", "cost-actions", quiet=True),
    ]
    lines = [_line(entry, currency, fmt, may_write) for entry in found]
    return sheet(columns, lines, "Costs", style="table costs", place="entries", heading=2, headless=headless)


def _line(entry: CostEntry, currency: str, fmt: Format, may_write: bool) -> Line:
    converted = ""
    if entry.currency != currency:
        known = entry.reporting_amount
        converted = "no rate, in no sum" if known is None else fmt.money(known, currency)
    asked = {"page": "costs", "cost": str(entry.cost_id), "profile": str(entry.profile_id)}
    actions = [
        Action("edit", f"Edit {entry.description}", asked | {"do": "open"}),
        Action("trash", f"Delete {entry.description}", asked | {"do": "delete"}),
    ]
    return Line(
        [
            fmt.day(entry.expense_date),
            CATEGORIES[entry.category],
            entry.description,
            entry.channel or "",
            Cell(fmt.money(entry.amount, entry.currency), note=converted),
            Cell(actions=actions if may_write else ()),
        ]
    )


def _editor(entry: CostEntry, fmt: Format) -> Component:
    name = str(entry.cost_id)
    values = plain(entry) | {"amount": fmt.amount(entry.amount, entry.currency)}
    cancel = html.Button(
        "Cancel", type="button", className="button", **attributes(data_act='{"page":"costs","do":"close"}')
    )
    return html.Div(
        _form(name, values, _save(name, "check", "Save"), cancel),
        className="editing",
        role="group",
        **attributes(aria_label=f"Edit {entry.description}"),
    )


def _form(name: str, values: Values, *buttons: Component) -> Component:
    return html.Div(
        [
            html.Div(
                [*_fields(name, values), html.Div(list(buttons), className="form-buttons")],
                className="cost-form",
            ),
            html.P(id={"cost-problem": name}, className="form-problem", role="alert"),
        ]
    )


def _fields(form: str, values: Values) -> list[Component]:
    def field(name: str) -> dict[str, Any]:
        return {
            "id": {"cost-form": form, "field": name},
            "label": FIELDS[name],
            "value": values.get(name) or None,
            "size": "sm",
        }

    return [
        dmc.DateInput(valueFormat="D MMM YYYY", **field("expense_date")),
        dmc.Select(
            data=[{"value": key, "label": label} for key, label in CATEGORIES.items()],
            allowDeselect=False,
            **field("category"),
        ),
        dmc.TextInput(placeholder="What it was for", className="wide", **field("description")),
        dmc.TextInput(placeholder="Instagram", **field("channel")),
        dmc.TextInput(placeholder="0.00", className="narrow", **field("amount")),
        dmc.Select(
            data=sorted(currencies()),
            searchable=True,
            allowDeselect=False,
            limit=50,
            className="narrow",
            **field("currency"),
        ),
    ]


def _save(form: str, drawing: str, label: str) -> Component:
    return html.Button(
        [icon(drawing), label], id={"cost-save": form}, type="button", className="button filled"
    )
