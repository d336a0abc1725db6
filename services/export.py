"""CSV files: RFC 4180, UTF-8, a header row, ISO dates, plain numbers with a currency column."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from models.period import Granularity
from services import aside
from services.metrics.encode import plain
from services.metrics.report import Report

_AT_ONCE = 250
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def text(value: str) -> str:
    """A text cell that no spreadsheet takes for a formula. Numbers are never guarded."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def unguarded(cell: str) -> str:
    """What `text` made a cell of."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The CSV of these rows, without a header row when `header` is empty; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def stream(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The same in pieces, for more rows than should be held at once."""
    yield table(header, ())
    rest = iter(rows)
    while piece := list(islice(rest, _AT_ONCE)):
        yield table((), map(tuple, piece))
        aside.give_way()


def report_csv(report: Report, keys: Iterable[str]) -> str:
    """A row for each metric, a column for each bucket (named by its first day, or by its hour), the
    total and the compared total."""
    asked, compared = report.scope, report.compared
    hourly = asked.granularity is Granularity.HOUR
    buckets = [
        (bucket.start.astimezone(asked.profile.tz) if hourly else bucket.first).isoformat()
        for bucket in report.buckets
    ]
    header = ["line", "label", "currency", *buckets, "total"]
    if compared:
        header.append(f"total {compared.period.first} to {compared.period.last}")
    rows = []
    for key in keys:
        figure = report[key]
        values = [*figure.points, figure.total, *([figure.before] if compared else [])]
        cells = [plain(figure.metric, value, asked.currency) for value in values]
        rows.append([key, text(figure.metric.label), figure.currency or "", *cells])
    return table(header, rows)
