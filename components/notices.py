"""What stands under figures of money: the exchange rates behind them, and what is in no sum."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.card import card, icon
from components.format import Format
from components.sheet import Column, Line, sheet
from services.metrics.report import Report
from services.metrics.statement import RateUsed, Unconverted

_KINDS = {"transactions": "income", "transaction_refunds": "refunds", "cost_entries": "costs"}


def unconverted(items: Sequence[Unconverted], fmt: Format) -> Component | None:
    """Says which amounts are left out for want of a rate; None when there are none."""
    if not items:
        return None
    listed = []
    for item in sorted(items, key=lambda item: (list(_KINDS).index(item.what), item.currency)):
        amount = fmt.money(item.amount, item.currency)
        listed.append(f"{amount} of {_KINDS[item.what]} ({fmt.count(item.rows)})")
    return html.Section(
        [
            icon("alert"),
            html.Div(
                [
                    html.P("These amounts are in no sum, because there is no exchange rate for their day:"),
                    html.P(", ".join(listed), className="notice-amounts"),
                    html.P(
                        "Nothing is lost: they are counted as soon as rates are imported.", className="muted"
                    ),
                ]
            ),
        ],
        className="card notice",
    )


def left_out(report: Report, fmt: Format) -> Component | None:
    """Says which visits are in no figure: those of bots and of the provider; None when there were none."""
    bots, own = report["botHits"].total, report["ownerHits"].total
    parts = [
        f"{fmt.count(many)} {one if many == 1 else more}"
        for many, one, more in (
            (bots, "bot hit", "bot hits"),
            (own, "visit of your own", "visits of your own"),
        )
        if many
    ]
    if not parts:
        return None
    verb = "is" if (bots or 0) + (own or 0) == 1 else "are"
    return html.P(f"{' and '.join(parts)} {verb} left out of these figures.", className="left-out")


def rates(used: Sequence[RateUsed], currency: str, fmt: Format) -> Component | None:
    """The rates behind the converted amounts; None when all were in `currency`."""
    if not used:
        return None
    columns = [
        Column("Currency"),
        Column(f"{currency} for one", "number"),
        Column("Published"),
        Column("Amounts", "number"),
    ]
    lines = [
        Line([rate.currency, _range(rate, fmt), fmt.days(rate.first, rate.last), fmt.count(rate.rows)])
        for rate in used
    ]
    note = "Each amount is converted at the rate of its own day, or the last one published before it."
    return card("Exchange rates used", sheet(columns, lines, "Exchange rates used"), note=note, name="rates")


def _range(rate: RateUsed, fmt: Format) -> str:
    low, high = fmt.rate(rate.low), fmt.rate(rate.high)
    return low if low == high else f"{low} – {high}"
