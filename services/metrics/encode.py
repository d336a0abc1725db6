"""Figures as plain values: the one encoding that REST answers and CSV files share."""

from decimal import Decimal

from models.money import rounded
from services.metrics.metric import Metric, Unit, Value

_PLACES = {Unit.RATIO: 6, Unit.SECONDS: 1, Unit.NUMBER: 2}


def plain(metric: Metric, value: Value, currency: str) -> int | float | str | None:
    """Money as a decimal string with the currency's minor units, counts as whole numbers, ratios to
    six places, seconds to a tenth and other numbers to two places; None stays None."""
    if value is None:
        return None
    if metric.unit is Unit.MONEY:
        return money(Decimal(value), currency)
    if metric.unit is Unit.COUNT:
        return int(value)
    return round(float(value), _PLACES[metric.unit])


def share(value: Value) -> float | None:
    """A ratio to six places; None stays None."""
    return None if value is None else round(float(value), _PLACES[Unit.RATIO])


def money(amount: Decimal, currency: str) -> str:
    """The amount rounded half-even to the currency's minor units, without exponent: "125.00"."""
    exact = rounded(amount, currency)
    return f"{exact if exact else abs(exact):f}"
