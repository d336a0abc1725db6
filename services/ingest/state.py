"""A transaction as it is stored, with what was given back of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Part:
    """A part of a sale that was given back, after `before` had been; `reference` is what its source
    knows it by."""

    before: Decimal
    amount: Decimal
    at: datetime
    date_only: bool
    reference: str | None = None


@dataclass(frozen=True)
class State:
    """A transaction as stored: `row` has its columns, `parts` its refunds in order."""

    row: dict[str, Any]
    parts: tuple[Part, ...] = ()

    @property
    def refunded(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))
