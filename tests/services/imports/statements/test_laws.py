"""Any table of days and amounts, written in any dialect, reads back to the same days and amounts."""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.imports.statements import Overrides, Row, read

TABLES = st.lists(
    st.tuples(st.dates(date(2000, 1, 1), date(2049, 12, 31)), st.integers(-(10**10), 10**10)),
    min_size=1,
    max_size=12,
)
DATES = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d %b %Y",
    "%B %d, %Y",
    "%Y年%m月%d日",
]
HEADS = [
    ("Date", "Description", "Amount"),
    ("Buchungstag", "Verwendungszweck", "Betrag"),
    ("Fecha", "Concepto", "Importe"),
    ("Дата", "Описание", "Сумма"),
    ("日付", "摘要", "金額"),
]
SIGNS = ["-{}", "({})", "{}-", "−{}", "- {}"]
DIALECTS = st.tuples(
    st.sampled_from(DATES),
    st.sampled_from(HEADS),
    st.sampled_from(SIGNS),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(
        [(".", ""), (".", ","), (",", "."), (",", " "), (",", "\u00a0"), (".", "'"), (",", "\u202f")]
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "€ ", "EUR "]),
    st.booleans(),
)


def _written(cents: int, sign: str, decimal: str, group: str, money: str) -> str:
    whole, part = divmod(abs(cents), 100)
    figures = f"{whole:,}".replace(",", group) + f"{decimal}{part:02}"
    return sign.format(money + figures) if cents < 0 else money + figures


@settings(max_examples=150, deadline=None)
@given(table=TABLES, how=DIALECTS)
def test_reading_is_the_reverse_of_writing(table: list[tuple[date, int]], how: tuple[Any, ...]) -> None:
    day, head, sign, delimiter, (decimal, group), encoding, end, money, lead = how
    # Two days decide between day/month and month/day, and one amount tells the decimal mark.
    table = [*table, (date(2024, 1, 31), 123_456), (date(2024, 12, 25), -789)]
    lines = ["Export of an account", ""] if lead else []
    lines.append(delimiter.join(head))
    for when, cents in table:
        cells = [when.strftime(day), "Café 7", _written(cents, sign, decimal, group, money)]
        lines.append(delimiter.join(f'"{c}"' if delimiter in c else c for c in cells))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statement.csv"
        file.write_bytes((end.join(lines) + end).encode(encoding))
        items = list(read(file, Overrides(currency="EUR")))
    assert all(isinstance(item, Row) for item in items), items
    assert [(r.date, r.amount) for r in items if isinstance(r, Row)] == [
        (d, Decimal(c).scaleb(-2)) for d, c in table
    ]
