"""The rows behind the figures of revenue: sales, refunds, and what is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components import lists, refund
from components.card import Children, attributes, card, empty
from components.export import export_link
from components.format import MINUS, Format
from components.income import TYPES
from components.sheet import Action, Cell, Column, Line, sheet
from models.money import rounded
from services.metrics.revenue import SOURCE_METRICS
from services.scope import Scope
from services.transactions import Filter, Movement, MovementKind, Page, Place, Totals

PER_PAGE = 25
SOURCES = {
    "booking": "Bookings",
    "gift": "Gifts",
    "subscription": "Subscriptions",
    "affiliate": "Affiliate",
}
OF_METRIC = {metric: source for source, metric in SOURCE_METRICS.items()}
"""The source whose sales a metric adds up."""
KINDS = {
    MovementKind.SALE: "Sales",
    MovementKind.REFUND: "Refunds",
    MovementKind.PENDING: "Pending",
    MovementKind.UNCONVERTED: "No rate",
}


@dataclass(frozen=True)
class Rows:
    """A page of rows: what was `chosen` and adds up to `totals`, and whether it is the `first` one."""

    page: Page
    chosen: Filter
    totals: Totals
    first: bool


def rows(found: Rows, fmt: Format, may_write: bool, refunding: str | None = None) -> Component:
    """A page of what moved, the newest first; below the sale of the id `refunding` stands the form for
    its refund. Above it all what is chosen and what that adds up to, at the end the way to the next page."""
    page, chosen = found.page, found.chosen
    body = _body(found, fmt, may_write, refunding if may_write else None)
    return html.Div(
        [
            html.Div(
                [
                    lists.choices("Source", "source", {"": "All", **SOURCES}, chosen.source or ""),
                    lists.choices(
                        "Kind",
                        "kind",
                        {"": "All", **{str(kind): name for kind, name in KINDS.items()}},
                        chosen.kind or "",
                    ),
                    *_dropped(chosen),
                    _sum(found, fmt) if page.rows else None,
                ],
                className="entries-head",
            ),
            html.Div(body),
            lists.pager(found.first, "~".join(page.next.texts()) if page.next else None),
        ]
    )


def after(search: str | None) -> Place | None:
    """Where the page asked for by the search part of a URL begins; None for the first."""
    return Place.read(lists.chosen(search).get("cursor", "").split("~"))


def address(search: str | None, **choice: str) -> str:
    """The address of the rows with this choice, in the scope of the search part of a URL."""
    kept = {
        name: value
        for name, value in lists.chosen(search).items()
        if name not in {"cursor", "source", "kind", "category", "partner", "q"}
    }
    return f"/revenue?{urlencode({**kept, **choice})}#rows"


def words(row: Movement, fmt: Format) -> str:
    """The row in a few words: "Roses, €25.00"."""
    return f"{_what(row)}, {fmt.money(row.amount, row.currency)}"


def pending(totals: Totals, oldest: date | None, currency: str, href: str, fmt: Format) -> Component | None:
    """What is announced and not completed, and the way to its rows; None when there is nothing."""
    if oldest is None:
        return None
    many = f"{fmt.count(totals.rows)} {'sale is' if totals.rows == 1 else 'sales are'}"
    since = f"the oldest since {fmt.day(oldest)}"
    return card(
        "Pending",
        html.P(fmt.money(totals.pending, currency), className="stat-number"),
        html.P(f"{many} announced and not completed, {since}. They are in no sum until then."),
        html.A("Show them", href=href, className="drill"),
        name="pending",
    )


def _body(found: Rows, fmt: Format, may_write: bool, refunding: str | None) -> Children:
    listed, scope = found.page.rows, found.page.scope
    if not listed:
        return _nothing(found, may_write)
    ends = [
        index + 1
        for index, row in enumerate(listed)
        if str(row.transaction_id) == refunding and _refundable(row)
    ]
    if not ends:
        return _sheet(listed, scope, fmt, may_write)
    above, below = listed[: ends[0]], listed[ends[0] :]
    return [
        _sheet(above, scope, fmt, may_write),
        refund.editor(above[-1], _what(above[-1]), scope.profile, fmt),
        _sheet(below, scope, fmt, may_write, headless=True) if below else None,
    ]


def _sheet(
    listed: Sequence[Movement], scope: Scope, fmt: Format, may_write: bool, headless: bool = False
) -> Component:
    columns = [
        Column("Date", "entry-date"),
        Column("Source", "entry-category"),
        Column("What", "entry-description"),
        Column("From", "entry-channel muted"),
        Column("State", "entry-channel muted"),
        Column("Amount", "number entry-amount"),
        Column("Actions", "entry-buttons", quiet=True),
    ]
    lines = [_line(row, scope, fmt, may_write) for row in listed]
    label, style = "Sales and refunds", "table entries-table moves"
    return sheet(columns, lines, label, style=style, place="entries", heading=2, headless=headless)


def _line(row: Movement, scope: Scope, fmt: Format, may_write: bool) -> Line:
    sign = MINUS if row.is_refund else ""
    style = "muted" if row.kind in {MovementKind.PENDING, MovementKind.UNCONVERTED} else ""
    return Line(
        [
            fmt.day(row.local_date),
            TYPES[row.source],
            Cell(_what(row), note=_note(row, scope, fmt)),
            row.counterparty_id or "",
            Cell(
                state(row, fmt),
                "" if row.is_refund or row.refunded_amount or row.status == "pending" else "usual",
            ),
            Cell(sign + fmt.money(_own(row, scope), row.currency), style, note=_converted(row, scope, fmt)),
            Cell(actions=_actions(row, scope) if may_write else ()),
        ]
    )


def state(row: Movement, fmt: Format) -> str:
    """What became of a sale, or that the row is a refund, in words."""
    if row.is_refund:
        return "Refund"
    if row.status == "pending":
        return "Pending"
    if not row.refunded_amount:
        return "Completed"
    if row.refunded_amount >= row.amount:
        return "Refunded later"
    return f"{fmt.money(row.refunded_amount, row.currency)} refunded later"


def _what(row: Movement) -> str:
    return row.item_name or row.item_id or row.external_id or TYPES[row.source]


def _note(row: Movement, scope: Scope, fmt: Format) -> str:
    """The category, where it says more than the name, and whose part of a shared booking is whose."""
    category = row.category if row.category != _what(row) else ""
    if row.partner_id is None:
        return category or ""
    own, others = row.reporting_amount, row.reporting_partner
    if own is None or others is None:
        return f"with {row.partner_id}"
    theirs = fmt.money(others, scope.currency)
    return f"with {row.partner_id}: {fmt.money(own, scope.currency)} yours, {theirs} theirs"


def _own(row: Movement, scope: Scope) -> Decimal:
    """What counts of the row, so that a column adds up to its sum: of a shared booking the own part, where
    that is known in the currency of the row."""
    if row.currency != scope.currency or row.reporting_amount is None:
        return row.amount
    return row.reporting_amount


def _converted(row: Movement, scope: Scope, fmt: Format) -> str:
    """What the amount is a part of, or what it counts in the profile's own currency."""
    if row.reporting_amount is None:
        return "no rate, in no sum"
    if row.currency == scope.currency:
        return f"of {fmt.money(row.amount, row.currency)}" if row.reporting_partner else ""
    own = "yours: " if row.reporting_partner else ""
    rate = f" at {fmt.rate(row.rate)}" if row.rate else ""
    return own + fmt.money(rounded(row.reporting_amount, scope.currency), scope.currency) + rate


def _actions(row: Movement, scope: Scope) -> list[Action]:
    asked = {
        "page": "revenue",
        "sale": str(row.transaction_id),
        "profile": str(scope.profile.profile_id),
    }
    if row.is_refund:
        return []
    name, actions = _what(row), list[Action]()
    if row.status == "pending":
        actions.append(Action("check", f"Mark {name} completed", asked | {"do": "complete"}))
    if _refundable(row):
        actions.append(Action("refund", f"Refund {name}", asked | {"do": "open"}))
    if row.by_hand:
        actions.append(Action("trash", f"Delete {name}", asked | {"do": "delete"}))
    return actions


def _refundable(row: Movement) -> bool:
    return not row.is_refund and row.status != "pending" and row.refunded_amount < row.amount


def _dropped(chosen: Filter) -> list[Component]:
    """What was chosen elsewhere, and can be dropped here."""
    named = (("category", "Category", chosen.category), ("partner", "Partner", chosen.partner))
    return [
        html.Button(
            f"{label}: {value}",
            type="button",
            className="step",
            **attributes(data_set=f"{name}=", aria_pressed="true", title="Show all again"),
        )
        for name, label, value in named
        if value is not None
    ]


def _sum(found: Rows, fmt: Format) -> Component:
    scope, chosen = found.page.scope, found.chosen
    asked = {
        "source": chosen.source,
        "kind": chosen.kind,
        "category": chosen.category,
        "partner": chosen.partner,
        "q": chosen.text,
    }
    file = export_link(scope, "/api/revenue/{}/transactions/export", "CSV", **asked)
    return lists.total(_total(found.totals, scope, fmt), file)


def _total(totals: Totals, scope: Scope, fmt: Format) -> str:
    """What the rows add up to: "12 rows, €340.00"."""
    rows = f"{fmt.count(totals.rows)} {'row' if totals.rows == 1 else 'rows'}"
    parts = ((totals.gross, "sold"), (totals.refunds, "given back"), (totals.pending, "pending"))
    told = [f"{fmt.money(amount, scope.currency)} {what}" for amount, what in parts if amount]
    return ", ".join([rows, *told])


def _nothing(found: Rows, may_write: bool) -> Component:
    if found.chosen != Filter() or not found.first:
        return empty("Nothing found", "Nothing of this period fits; choose All above, or search for less.")
    how = "Bookings, gifts, subscriptions and affiliate income stand here one by one."
    return empty("Nothing in this period", f"{how} Add the first one above." if may_write else how)
