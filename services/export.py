"""CSV files: RFC 4180, UTF-8, a header row, ISO dates, plain numbers with a currency column."""

import csv
import io
from collections.abc import Iterable, Sequence

from services.metrics.encode import plain
from services.metrics.statement import Statement

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text(value: str) -> str:
    """A text cell that no spreadsheet takes for a formula. Numbers are never guarded."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The CSV of these rows; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def statement_csv(statement: Statement) -> str:
    """The P&L: a row for each line, a column for each bucket (named by its first day), the total and
    the compared period."""
    report = statement.report
    currency = report.scope.currency
    compared = report.compared
    header = ["line", "label", "currency", *(bucket.first.isoformat() for bucket in report.buckets), "total"]
    if compared:
        header.append(f"total {compared.period.first} to {compared.period.last}")
    rows = []
    for line in statement.lines:
        metric, figure = line.figure.metric, line.figure
        values = [*figure.points, figure.total, *([figure.before] if compared else [])]
        unit = currency if figure.currency else ""
        rows.append([line.key, text(line.label), unit, *(plain(metric, value, currency) for value in values)])
    return table(header, rows)
