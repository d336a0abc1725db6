"""What a statement says in sum, for looking at before anything is stored."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.money import minor_units
from services.imports.rejected import Rejected
from services.imports.statements.layout import Layout
from services.imports.statements.row import Row, Skipped
from services.imports.statements.statement import Statement

SHOWN = 1_000
"""Lines kept of those rejected or skipped; their numbers are always whole."""


@dataclass(frozen=True)
class Preview:
    """Counts and exact sums by currency of a whole file.

    `rows` are all transactions, those without an amount or a date included; `fees` are signed as in the
    file; `first` and `last` are the earliest and the latest day.
    """

    layout: Layout
    rows: int
    sums: dict[str, Decimal]
    positive: dict[str, Decimal]
    negative: dict[str, Decimal]
    positive_rows: int
    negative_rows: int
    zero_rows: int
    refund_rows: int
    rows_without_amount: int
    rows_without_date: int
    fees: dict[str, Decimal]
    by_status: dict[str, int]
    first: date | None
    last: date | None
    rejected: tuple[Rejected, ...]
    rejected_rows: int
    skipped: tuple[Skipped, ...]
    skipped_rows: int

    @property
    def encoding(self) -> str:
        """The IANA name of the encoding."""
        return self.layout.encoding

    @property
    def delimiter(self) -> str:
        """One character, or OFX."""
        return self.layout.delimiter

    @property
    def header_line(self) -> int | None:
        """The line of the header, from 1."""
        return self.layout.header_line

    @property
    def mapping(self) -> dict[str, str]:
        """Ours -> theirs."""
        return self.layout.mapping

    def as_json(self) -> dict[str, Any]:
        """The answer of a dry run: sums as decimal strings in the minor units of their currency."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "headerLine": self.header_line,
            "mapping": dict(self.mapping),
            "decimal": self.layout.decimal,
            "dateOrder": self.layout.date_order,
            "currency": self.layout.currency,
            "rows": self.rows,
            "sums": _written(self.sums),
            "positive": _written(self.positive),
            "negative": _written(self.negative),
            "fees": _written(self.fees),
            "positiveRows": self.positive_rows,
            "negativeRows": self.negative_rows,
            "zeroRows": self.zero_rows,
            "refundRows": self.refund_rows,
            "rowsWithoutAmount": self.rows_without_amount,
            "rowsWithoutDate": self.rows_without_date,
            "rowsByStatus": dict(self.by_status),
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "rejected": [{"line": r.line, "reason": r.reason} for r in self.rejected],
            "rejectedRows": self.rejected_rows,
            "skipped": [{"line": r.line, "reason": r.reason} for r in self.skipped],
            "skippedRows": self.skipped_rows,
            "notes": list(self.layout.notes),
        }


def preview(statement: Statement) -> Preview:
    """Read the whole statement once and sum it up."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    positive: dict[str, Decimal] = defaultdict(Decimal)
    negative: dict[str, Decimal] = defaultdict(Decimal)
    fees: dict[str, Decimal] = defaultdict(Decimal)
    by_status: dict[str, int] = defaultdict(int)
    signs = {1: 0, 0: 0, -1: 0}
    count = refunds = undated = unpriced = 0
    first: date | None = None
    last: date | None = None
    rejected: list[Rejected] = []
    skipped: list[Skipped] = []
    others = {True: 0, False: 0}
    for item in statement:
        if not isinstance(item, Row):
            others[isinstance(item, Skipped)] += 1
            if isinstance(item, Skipped):
                if len(skipped) < SHOWN:
                    skipped.append(item)
            elif len(rejected) < SHOWN:
                rejected.append(item)
            continue
        count += 1
        by_status[item.status] += 1
        refunds += item.is_refund
        if item.date is None:
            undated += 1
        elif first is None or last is None:
            first = last = item.date
        elif item.date < first:
            first = item.date
        elif item.date > last:
            last = item.date
        if item.fee is not None:
            fees[item.currency] += item.fee * statement.layout.fee_sign
        if item.amount is None:
            unpriced += 1
            continue
        sums[item.currency] += item.amount
        if item.amount > 0:
            positive[item.currency] += item.amount
            signs[1] += 1
        elif item.amount < 0:
            negative[item.currency] += item.amount
            signs[-1] += 1
        else:
            signs[0] += 1
    return Preview(
        layout=statement.layout,
        rows=count,
        sums=dict(sums),
        positive=dict(positive),
        negative=dict(negative),
        positive_rows=signs[1],
        negative_rows=signs[-1],
        zero_rows=signs[0],
        refund_rows=refunds,
        rows_without_amount=unpriced,
        rows_without_date=undated,
        fees=dict(fees),
        by_status=dict(by_status),
        first=first,
        last=last,
        rejected=tuple(rejected),
        rejected_rows=others[False],
        skipped=tuple(skipped),
        skipped_rows=others[True],
    )


def _written(sums: Mapping[str, Decimal]) -> dict[str, str]:
    """Decimals as text, with at least the minor units of the currency."""
    texts = {}
    for currency, amount in sorted(sums.items()):
        places = max(minor_units(currency), -int(amount.normalize().as_tuple().exponent))
        texts[currency] = f"{amount:.{places}f}"
    return texts
