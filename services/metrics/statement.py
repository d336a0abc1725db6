"""The profit-and-loss statement: the metrics of DESIGN 4 in the order in which an accountant reads them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.metrics.report import Figure, Report


class Row(StrEnum):
    """How a line is set."""

    ITEM = "item"
    SUBTOTAL = "subtotal"
    RESULT = "result"
    MARGIN = "margin"


@dataclass(frozen=True)
class Line:
    """One line. `less`: it is taken off in the sum below it; its figures are positive all the same."""

    key: str
    label: str
    row: Row
    figure: Figure
    less: bool = False


@dataclass(frozen=True)
class RateUsed:
    """The exchange rates behind the amounts of one currency: `low` to `high` in units of the
    reporting currency for one of `currency`, published from `first` to `last`."""

    currency: str
    low: Decimal
    high: Decimal
    first: date
    last: date
    rows: int


@dataclass(frozen=True)
class Unconverted:
    """What is in no sum for want of a rate: the rows of one kind and currency. `what` is the table that
    holds them: transactions (whole sales), transaction_refunds or cost_entries."""

    what: str
    currency: str
    amount: Decimal
    rows: int


@dataclass(frozen=True)
class Statement:
    """Lines over the buckets of `report`, with a total; all amounts in the reporting currency."""

    report: Report
    lines: tuple[Line, ...]
    rates: tuple[RateUsed, ...]
    unconverted: tuple[Unconverted, ...]
