"""One transaction as a statement gives it, and the lines that are none."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from services.imports.rejected import Rejected

Status = Literal["completed", "pending", "refunded", "failed"]


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction.

    `line`: where it begins, from 1. `date`: the day as written; None only for a row that has a word such as
    Pending in its place. `at`: the moment when the file gives a time of day, aware if it names a zone and
    else naive local time. `amount`: signed, money in is positive; None where the file gives none ("--").
    `currency`: ISO 4217. `fee`: what the service kept, a cost is positive; None when the file has no fees or
    `amount` is already without them. `status`: "refunded" is a sale that was given back in whole or part.
    `is_refund`: the file marks this very row as a refund. `refunded`: how much of this sale was given back,
    never negative. `reference`: the row's own id, not always unique in a file. `refers_to`: the id of the
    sale that a refund belongs to.
    """

    line: int
    date: date | None
    at: datetime | None
    amount: Decimal | None
    currency: str
    fee: Decimal | None = None
    status: Status = "completed"
    is_refund: bool = False
    refunded: Decimal | None = None
    reference: str | None = None
    refers_to: str | None = None
    description: str = ""
    counterparty: str | None = None
    country: str | None = None
    category: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped(Rejected):
    """A line that is no transaction and is not wrong either: a total, a balance, a repeated header."""


def shown(text: str) -> str:
    """`text` as a Rejected line carries it: short and free of control characters."""
    return "".join(c if c.isprintable() else " " for c in text[:500]).rstrip()
