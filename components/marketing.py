"""The table of marketing channels: what each costs, whom it brings, and what that may be worth."""

from decimal import Decimal

from dash.development.base_component import Component

from components import stat
from components.breakdown import left_out
from components.card import card, empty
from components.explain import words
from components.format import Format
from components.sheet import Cell, Column, Line, sheet, width
from services.metrics.breakdown import Breakdown, Row
from services.metrics.metric import Metric
from services.metrics.report import Report

TITLE = "Marketing return"
KEYS = ("costPerView", "costPerInquiry")
_NOTHING = (
    "No marketing in this period",
    "Marketing costs stand here by the channel they pay for, beside the inquiries that came from it.",
)
_HOW = (
    "Revenue is attributed by inquiries: a source that brought a third of a month's inquiries gets a third "
    "of that month's net revenue. It is an estimate; nobody knows which inquiry became which sale."
)
_WHOLE_DAYS = "Whole days are counted, today and yesterday."
_ON_A_PHONE = {"marketing", "returnOnSpend"}
_NAMES = {"marketing": "Cost"}


def marketing(report: Report, data: Breakdown, fmt: Format) -> Component:
    """What marketing costs in all per view and per inquiry (the report has KEYS), above a row for each
    channel that costs something or brought inquiries, the dearest first."""
    if not data.rows:
        return card(TITLE, empty(*_NOTHING), name="list-card")
    columns = [
        Column("Channel", "bar-cell"),
        *(
            Column(_NAMES.get(one.key, one.label), _style(one), explain=words(one, data.scope, fmt))
            for one in data.metrics
        ),
    ]
    dearest = max(Decimal(row.values["marketing"] or 0) for row in data.rows)
    lines = [_line(row, data, dearest, fmt) for row in data.rows]
    return card(
        TITLE,
        stat.inner(report, KEYS, fmt),
        sheet(columns, lines, TITLE, place="table-scroll list-scroll"),
        left_out(data, fmt),
        note=f"{_HOW} {_WHOLE_DAYS}" if data.scope.period.rolling else _HOW,
        name="list-card",
    )


def _line(row: Row, data: Breakdown, dearest: Decimal, fmt: Format) -> Line:
    bar = width(row.values["marketing"], dearest)
    figures = (fmt.value(row.values[one.key], one.unit, data.scope.currency) for one in data.metrics)
    return Line([Cell(row.key or "No channel", bar=bar, ink="costs"), *figures])


def _style(metric: Metric) -> str:
    return "number" if metric.key in _ON_A_PHONE else "number extra"
