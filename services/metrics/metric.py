"""What a metric is: its words, its unit, and the one definition that every surface shows."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Select

from services.scope import Scope

Value = int | Decimal | None
"""A figure: None is "not measured" or "can't be computed", never zero."""


class Unit(StrEnum):
    """What a value counts in."""

    COUNT = "count"
    RATIO = "ratio"  # 0-1 for a share; margins may be negative
    SECONDS = "seconds"
    MONEY = "money"  # the profile's reporting currency
    NUMBER = "number"  # a figure with decimals that is neither, such as bookings per 100 inquiries


class Good(StrEnum):
    """Which direction is good news."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


def _always(scope: Scope) -> bool:
    return True


@dataclass(frozen=True)
class Metric:
    """One figure, defined once. `sentence` says what it is, `formula` how it comes about.

    Either `select(scope)` gives rows (bucket, value) with bucket null for the whole period, or
    `combine` computes the value from those of the metrics named in `needs`, in that order. A bucket
    without rows has `nothing`: zero, or None where there is no figure without data (a median).
    Metrics of the same `select` share its rows, each with its own `column`.

    A `level` (active subscribers) is measured at the end of a bucket, and of the whole period: its rows
    are by how much it changed in each bucket, and where it stands at the end in the row of the period.
    """

    key: str
    label: str
    unit: Unit
    good: Good
    sentence: str
    formula: str
    select: Callable[[Scope], Select[Any]] | None = None
    needs: tuple[str, ...] = ()
    combine: Callable[..., Value] | None = None
    level: bool = False
    nothing: Value = 0
    column: str = "value"
    known: Callable[[Scope], bool] = _always
    """Whether it is measured over this scope; else every value of it is None."""


def ratio(part: Value, whole: Value) -> Decimal | None:
    """`part` / `whole`; None when either is missing or there is nothing to divide by."""
    if part is None or not whole:
        return None
    return Decimal(part) / Decimal(whole)


def change(now: Value, before: Value) -> Decimal | None:
    """By how much `now` differs from `before`, relative to it (0.12 = 12 % more); None without a base."""
    if now is None or before is None or not before:
        return None
    return (Decimal(now) - Decimal(before)) / abs(Decimal(before))


def difference(first: Value, *less: Value) -> Value:
    """`first` minus all the others; None when any is missing."""
    if first is None or any(value is None for value in less):
        return None
    return first - sum(value for value in less if value is not None)
