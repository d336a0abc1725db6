"""One column of a table: what its cells could be."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from services.imports.statements.amounts import (
    currency_sign,
    decimal_mark,
    is_blank,
    looks_like_amount,
    looks_like_money,
    number,
    take_apart,
)
from services.imports.statements.dates import clock, looks_like_date, parse
from services.imports.statements.vocabulary import plain, words

DATES = ("date", "value_date", "other_date")
AMOUNTS = frozenset(
    {
        "amount", "gross", "net", "total", "price", "debit", "credit", "fee", "tax", "other_amount",
        "balance", "refunded",
    }
)  # fmt: skip

_CODE = re.compile(r"[A-Z]{3,4}")


@dataclass(frozen=True)
class Column:
    """A column of the sample: its heading and its cells, of which `held` are not blank."""

    index: int
    name: str
    cells: tuple[str, ...]

    @cached_property
    def held(self) -> tuple[str, ...]:
        return tuple(c for c in self.cells if not is_blank(c))

    def _share(self, test: Callable[[str], bool]) -> float:
        return sum(map(test, self.held)) / len(self.held) if self.held else 0.0

    @cached_property
    def fill(self) -> float:
        return len(self.held) / len(self.cells) if self.cells else 0.0

    @cached_property
    def dates(self) -> float:
        return self._share(looks_like_date)

    @cached_property
    def serials(self) -> float:
        return self._share(lambda c: parse(c, "dmy", True) is not None)

    @cached_property
    def clocks(self) -> float:
        return self._share(lambda c: clock(c) is not None)

    @cached_property
    def moments(self) -> float:
        """The share of dates that come with a time of day."""
        return self._share(
            lambda c: (m := parse(c, "dmy") or parse(c, "mdy")) is not None and m.clock is not None
        )

    @cached_property
    def amounts(self) -> float:
        return self._share(looks_like_amount)

    @cached_property
    def money(self) -> float:
        return self._share(looks_like_money)

    @cached_property
    def currencies(self) -> float:
        return self._share(lambda c: bool(currency_sign(c)))

    @cached_property
    def directions(self) -> float:
        known = words("debit") | words("credit") | words("neutral")
        return self._share(lambda c: (plain(c) or c) in known)

    @cached_property
    def negative(self) -> int:
        return sum(1 for c in self.held if (w := take_apart(c)) is not None and w.sign < 0)

    @cached_property
    def flags(self) -> frozenset[str]:
        """The debit and credit marks within the cells, '' for those without."""
        return frozenset(w.flag for c in self.held if (w := take_apart(c)) is not None)

    @cached_property
    def codes(self) -> float:
        """The share of cells that are written like a currency's code."""
        return sum(1 for c in self.held if _CODE.fullmatch(c)) / len(self.held) if self.held else 0.0

    @cached_property
    def distinct(self) -> float:
        return len(set(self.held)) / len(self.held) if self.held else 0.0

    def fits(self, role: str) -> bool:
        """Whether the cells can be what `role` says; an empty column can be anything."""
        if not self.held:
            return role != "direction"
        if role in DATES:
            return self.dates >= 0.5 or self.serials >= 0.9
        if role in AMOUNTS:
            return self.amounts >= 0.6 and self.dates < 0.5
        if role == "currency" or role == "other_currency":
            # Codes that are none (XXX, USDT) leave the column what it is; their rows are refused.
            return self.currencies >= 0.7 or (self.currencies > 0 and self.codes >= 0.9)
        if role == "direction":
            return self.directions >= 0.9
        if role == "time":
            return self.clocks >= 0.6
        if role in ("status", "kind", "description", "category"):
            return self.dates < 0.5 and self.money < 0.9
        return True


def is_number(column: Column) -> bool:
    """Whether the figures are numbers of things (accounts, documents) and no quantities."""
    return any((c.startswith("0") and len(c) > 1 and c.isdigit()) or len(c) > 12 for c in column.held)


def values(column: Column) -> list[Decimal]:
    """The signed figures of a column, 0 for cells without one."""
    mark = decimal_mark(column.held).mark or "."
    found = []
    for cell in column.cells:
        written = None if is_blank(cell) else take_apart(cell)
        value = number(written.figures, mark) if written else None
        found.append(value * written.sign if value is not None and written else Decimal(0))
    return found


def minus(credit: Column, debit: Column) -> list[Decimal]:
    """Money in less money out, row by row."""
    return [abs(c) - abs(d) for c, d in zip(values(credit), values(debit), strict=True)]


def runs(balance: Column, amounts: list[Decimal]) -> bool:
    """Whether `balance` moves by `amounts`, read downwards or upwards."""
    levels = values(balance)
    steps = [after - before for before, after in pairwise(levels)]
    if not steps:
        return False
    down = sum(s == a for s, a in zip(steps, amounts[1:], strict=True))
    up = sum(-s == a for s, a in zip(steps, amounts[:-1], strict=True))
    return max(down, up) >= len(steps) * 0.6
