"""The table of costs, edited in place: a form on top adds, a row turns into a form to be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from components import form, lists
from components.card import attributes, card, empty
from components.export import export_link
from components.form import Values
from components.format import Format
from components.sheet import Action, Cell, Column, Line, sheet
from models.clock import now
from services.costs import CostEntry, Filter, Place, Totals
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
PER_PAGE = 50
FIELDS = {
    "expense_date": "Date",
    "category": "Category",
    "description": "Description",
    "channel": "Channel",
    "amount": "Amount",
    "currency": "Currency",
}
_KIND = "cost"


@dataclass(frozen=True)
class Page:
    """A page of entries: what was `chosen` and adds up to `totals`, whether it is the `first`, and whether
    there are `more`."""

    rows: Sequence[CostEntry]
    chosen: Filter
    totals: Totals
    first: bool
    more: bool


def entries(page: Page, scope: Scope, fmt: Format, editing: str | None, may_write: bool) -> Component:
    """A page of the entries, newest first; the one of the id `editing` is a form. Above them what is
    chosen and what that adds up to, below the way to the next page."""
    parts: list[Component | None]
    at = next((index for index, entry in enumerate(page.rows) if str(entry.cost_id) == editing), None)
    if not page.rows:
        parts = [_nothing(page, may_write)]
    elif at is None or not may_write:
        parts = [_sheet(page.rows, scope.currency, fmt, may_write)]
    else:
        rest = page.rows[at + 1 :]
        parts = [
            _sheet(page.rows[:at], scope.currency, fmt, may_write),
            _editor(page.rows[at], fmt),
            _sheet(rest, scope.currency, fmt, may_write, headless=True) if rest else None,
        ]
    following = page.rows[-1].place if page.more else None
    return html.Div(
        [
            html.Div(
                [
                    lists.choices(
                        "Category", "category", {"": "All", **CATEGORIES}, page.chosen.category or ""
                    ),
                    _sum(page, scope, fmt) if page.rows else None,
                ],
                className="entries-head",
            ),
            html.Div(parts),
            lists.pager(page.first, "~".join(map(str, following)) if following else None),
        ]
    )


def after(search: str | None) -> Place | None:
    """Where the page asked for by the search part of a URL begins; None for the first."""
    return Place.read(lists.chosen(search).get("cursor", "").split("~"))


def _nothing(page: Page, may_write: bool) -> Component:
    if page.chosen != Filter() or not page.first:
        everything = html.Button("Show all", type="button", className="button", **attributes(data_set="q="))
        if page.chosen.category is None:
            return empty("Nothing found", "No cost of this period has all of these words.", everything)
        return empty("Nothing found", "No cost of this period and category fits; choose All above.")
    how = "Add the first one above, or import a file; profit follows at once." if may_write else None
    return empty("No costs in this period", how)


def _sum(page: Page, scope: Scope, fmt: Format) -> Component:
    rows, amount = page.totals.rows, fmt.money(page.totals.amount, scope.currency)
    chosen = {"category": page.chosen.category, "q": page.chosen.text}
    file = export_link(scope, "/api/costs/{}/entries/export", "CSV", **chosen)
    return lists.total(f"{fmt.count(rows)} {'entry' if rows == 1 else 'entries'}, {amount}", file)


def adder(
    profile: Profile,
    may_write: bool,
    fmt: Format,
    last: Values | None = None,
    again: CostEntry | None = None,
) -> Component | None:
    """The card with the form for a new cost; None for those who may only read.

    Day, category and currency begin as in the `last` one: receipts come in heaps. All but the day begins
    as in the one that comes `again`.
    """
    if not may_write:
        return None
    today = profile.local_date(now()).isoformat()
    values = {"category": "marketing", "currency": profile.currency, "expense_date": today}
    if again:
        amount = fmt.amount(again.amount, again.currency)
        values = plain(again) | {"expense_date": today, "amount": amount}
    elif last:
        values |= {name: last[name] for name in ("expense_date", "category", "currency")}
    return card("Add a cost", _form(NEW, values, form.save(_KIND, NEW, "plus", "Add cost")))


def read(written: Values, profile: Profile, fmt: Format) -> Cost:
    """The cost that was written into a form. Raises InvalidInput with a sentence for its first mistake."""
    amount = form.amount(written.get("amount"), profile.currency, fmt)
    try:
        return Cost.model_validate({**written, "profile_id": profile.profile_id, "amount": amount})
    except ValidationError as error:
        raise form.mistake(error, written, FIELDS) from None


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


def _sheet(
    found: Sequence[CostEntry], currency: str, fmt: Format, may_write: bool, headless: bool = False
) -> Component:
    columns = [
        Column("Date", "entry-date"),
        Column("Category", "entry-category"),
        Column("Description", "entry-description"),
        Column("Channel", "entry-channel muted"),
        Column("Amount", "number entry-amount"),
        Column("Actions", "entry-buttons", quiet=True),
    ]
    lines = [_line(entry, currency, fmt, may_write) for entry in found]
    return sheet(
        columns, lines, "Costs", style="table entries-table", place="entries", heading=2, headless=headless
    )


def _line(entry: CostEntry, currency: str, fmt: Format, may_write: bool) -> Line:
    converted = ""
    if entry.currency != currency:
        known = entry.reporting_amount
        converted = "no rate, in no sum" if known is None else fmt.money(known, currency)
    asked = {"page": "costs", "cost": str(entry.cost_id), "profile": str(entry.profile_id)}
    actions = [
        Action("repeat", f"Repeat {entry.description}", asked | {"do": "repeat"}),
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
    opened = _form(name, values, form.save(_KIND, name, "check", "Save"), form.cancel("costs"))
    return form.editing(f"Edit {entry.description}", opened)


def _form(name: str, values: Values, *buttons: Component) -> Component:
    def field(key: str) -> dict[str, Any]:
        return form.field(_KIND, name, key, FIELDS[key], values)

    fields = [
        dmc.DateInput(valueFormat="D MMM YYYY", **field("expense_date")),
        form.choice(CATEGORIES, **field("category")),
        dmc.TextInput(placeholder="What it was for", className="wide", **field("description")),
        dmc.TextInput(placeholder="Instagram", **field("channel")),
        dmc.TextInput(placeholder="0.00", className="narrow", **field("amount")),
        form.currency(**field("currency")),
    ]
    return form.form(_KIND, name, fields, *buttons)
