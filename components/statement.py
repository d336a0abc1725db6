"""The profit-and-loss statement, set like a page that one hands to an accountant."""

from decimal import Decimal
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components import notices
from components.card import card, empty
from components.chart import everything, steps
from components.explain import words
from components.format import NO_DATA, Format
from components.periods import before, span
from components.sheet import Cell, Column, sheet
from components.sheet import Line as Row
from components.stat import tone
from models.period import Bucket, Granularity
from services.metrics.costs import CATEGORY_METRICS
from services.metrics.metric import Unit, Value
from services.metrics.report import Figure
from services.metrics.revenue import SOURCE_METRICS
from services.metrics.statement import Line, Statement
from services.metrics.statement import Row as Kind

_ROWS = {
    **{metric: ("/revenue", {"source": source}) for source, metric in SOURCE_METRICS.items()},
    "gross": ("/revenue", {"kind": "sale"}),
    "refunds": ("/revenue", {"kind": "refund"}),
    "net": ("/revenue", {}),
    **{metric: ("/costs", {"category": category}) for category, metric in CATEGORY_METRICS.items()},
}
"""Where the rows behind each line are; sums of sums have none of their own."""


_NOTHING = (
    "Nothing was earned or spent in this period",
    "Income that your platform sends, a bank's file on Revenue or Costs, or what you enter there becomes a "
    "statement here.",
)


def paper(data: Statement, fmt: Format) -> Component:
    """The statement with all that belongs to it: what it leaves out, and the rates it used."""
    if not any(line.figure.total or line.figure.before for line in data.lines):
        nothing = card("Profit and loss", empty(*_NOTHING, everything(data.report)), name="list-card")
        return html.Div([notices.unconverted(data.unconverted, fmt), nothing], className="paper")
    return html.Div(
        [
            notices.unconverted(data.unconverted, fmt),
            statement(data, fmt),
            notices.rates(data.rates, data.report.scope.currency, fmt),
        ],
        className="paper",
    )


def statement(data: Statement, fmt: Format) -> Component:
    """The whole statement: heading, columns by step with their total, and the comparison beside it."""
    scope = data.report.scope
    return html.Section(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(scope.profile.name, dir="auto"),
                            html.P(
                                f"Profit and loss, {span(scope.period, fmt)}, amounts in {scope.currency}"
                            ),
                        ]
                    ),
                    steps(data.report),
                ],
                className="statement-head",
            ),
            sheet(
                _columns(data, fmt),
                [_line(line, data, fmt) for line in data.lines],
                "Profit and loss, by step and in total",
                style="statement",
                place="statement-scroll",
            ),
        ],
        className="card statement-card many" if len(data.report.buckets) > 6 else "card statement-card",
    )


def _columns(data: Statement, fmt: Format) -> list[Column]:
    report = data.report
    years = [bucket.first.year for bucket in report.buckets]
    columns = [Column("Line", "line-name", quiet=True)]
    for index, bucket in enumerate(report.buckets):
        year = "" if index and years[index] == years[index - 1] else str(years[index])
        name = fmt.tick(bucket, report.scope.granularity, report.scope.profile.tz)
        columns.append(Column(name, note=_note(bucket, year)))
    columns.append(Column("Total", "total"))
    compared = before(report, fmt)
    if compared and _comparable(data):
        columns.append(Column("Before", "before", title=compared[0].upper() + compared[1:]))
        columns.append(Column("Change", "before"))
    return columns


def _comparable(data: Statement) -> bool:
    """Whether anything can be held against the compared period, such as none before the first data."""
    return data.report.compared is not None and any(line.figure.change is not None for line in data.lines)


def _note(bucket: Bucket, year: str) -> str:
    """What stands under a column's name: that it is no whole step, or the year where it changes."""
    if bucket.running:
        return "so far"
    return "part" if bucket.clipped else year


def _line(line: Line, data: Statement, fmt: Format) -> Row:
    figure = line.figure
    cells = [
        Cell(
            line.label,
            prefix="less " if line.less else "",
            explain=words(figure.metric, data.report.scope, fmt),
        )
    ]
    compared = _comparable(data)
    addresses = [*(_rows(line, data, bucket) for bucket in data.report.buckets), _rows(line, data, None)]
    cells += [
        Cell(_written(value, line, fmt), "" if value else "zero", href=address if value else "")
        for value, address in zip([*figure.points, figure.total], addresses, strict=True)
    ]
    if compared:
        cells.append(Cell(_written(figure.before, line, fmt), "" if figure.before else "zero"))
        cells.append(Cell(_change(figure, fmt), f"change {tone(figure)}"))
    return Row(cells, f"line-{line.row}")


def _rows(line: Line, data: Statement, bucket: Bucket | None) -> str:
    """The address of the rows behind a cell of the bucket, or of the total; empty where it has none of its
    own, and for hours, which are no days to ask for."""
    scope = data.report.scope
    if line.key not in _ROWS or (bucket and scope.granularity is Granularity.HOUR):
        return ""
    path, asked = _ROWS[line.key]
    days = bucket or scope.period
    when = {"from": days.first.isoformat(), "to": days.last.isoformat()}
    if scope.period.rolling:
        when = {"period": scope.period.name}
    return f"{path}?{urlencode({'profile': str(scope.profile.profile_id), **when, **asked})}#rows"


def _written(value: Value, line: Line, fmt: Format) -> str:
    if value is None:
        return NO_DATA
    if line.row is Kind.MARGIN or not value:
        return fmt.value(value, Unit.RATIO if line.row is Kind.MARGIN else Unit.COUNT)
    # What is taken off shows its minus, so that a column can be added up by eye.
    return fmt.amount(Decimal(-value if line.less else value), line.figure.currency or "")


def _change(figure: Figure, fmt: Format) -> str:
    if figure.change is None:
        return NO_DATA
    if figure.metric.unit is Unit.RATIO:
        return ""
    return fmt.change(figure.change) if figure.change else "0"
