"""What is given, by category, and what to offer more of."""

from collections.abc import Mapping
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components import breakdown
from components.card import Children
from components.format import Format
from services.metrics.breakdown import Breakdown, Row
from services.metrics.metric import Value


def categories(data: Breakdown, fmt: Format, nothing: tuple[str, Children]) -> Component:
    """The card, under whose title the category stands that grew most in money."""
    return breakdown.breakdown(
        data, "What is given", "Category", fmt,
        ink="gifts", name=name, nothing=nothing, note=_offer(data, fmt),
    )  # fmt: skip


def name(category: str) -> str:
    """What a category of gifts is called."""
    return category or "No category"


def _offer(data: Breakdown, fmt: Format) -> Children:
    """Nothing where nothing grew, or where there is nothing to compare with."""
    grown = max((row for row in data.rows if row.key and row.before), key=_growth, default=None)
    if grown is None or _growth(grown) <= 0:
        return None
    more, now, before = (
        fmt.money(amount, data.scope.currency)
        for amount in (_growth(grown), _revenue(grown.values), _revenue(grown.before))
    )
    return [
        html.Bdi(name(grown.key)),
        f" grew most: {more} more, {now} from {before}. Worth offering more of.",
    ]


def _growth(row: Row) -> Decimal:
    return _revenue(row.values) - _revenue(row.before)


def _revenue(values: Mapping[str, Value] | None) -> Decimal:
    return Decimal((values or {}).get("giftRevenue") or 0)
