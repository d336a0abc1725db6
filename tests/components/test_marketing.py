"""The table of marketing channels."""

from dataclasses import replace
from decimal import Decimal

import pytest

from components.format import Format
from components.marketing import marketing
from models.period import Granularity, Period
from services.metrics.breakdown import Breakdown, Row
from services.metrics.marketing import CHANNEL_METRICS
from services.metrics.metric import Value
from services.metrics.report import Report
from services.scope import Scope
from tests.components.conftest import NOW, Make
from tests.components.text import cell, rows, sheets, text

FIGURES: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("Instagram", (Decimal(200), 1000, 20, Decimal("0.2"), Decimal(10), Decimal(1700), Decimal("8.5"))),
    ("", (Decimal(50), 0, 0, None, None, None, None)),
    ("Google", (Decimal(0), 10, 5, Decimal(0), Decimal(0), Decimal(425), None)),
)


@pytest.fixture
def whole(make: Make) -> Report:
    """What an inquiry and a view cost in all."""
    return make(costPerView=[Decimal("0.25")], costPerInquiry=[Decimal(10)])


def data(scope: Scope, more: int = 0) -> Breakdown:
    keys = [metric.key for metric in CHANNEL_METRICS]
    listed = tuple(Row(name, dict(zip(keys, values, strict=True)), None) for name, values in FIGURES)
    return Breakdown(scope, CHANNEL_METRICS, listed, more)


def test_a_row_for_each_channel(whole: Report, scope: Scope, english: Format) -> None:
    drawn = marketing(whole, data(scope), english)
    assert rows(drawn) == [
        "Channel Cost Views Inquiries Cost per view Cost per inquiry Attributed revenue Return on spend",
        "Instagram €200.00 1,000 20 €0.20 €10.00 €1,700.00 8.5",
        "No channel €50.00 0 0 – – – –",
        "Google €0.00 10 5 €0.00 €0.00 €425.00 –",
    ]
    assert [cell(drawn, row, 0).get("bar") for row in (0, 1, 2)] == [100, 25, 0]


def test_it_says_how_revenue_is_attributed(whole: Report, scope: Scope, english: Format) -> None:
    said = text(marketing(whole, data(scope), english))
    assert "Revenue is attributed by inquiries" in said
    assert "Whole days" not in said
    hours = replace(scope, period=Period.named("24h", "Europe/Berlin", NOW), granularity=Granularity.HOUR)
    assert "Whole days are counted" in text(marketing(whole, data(hours), english))


def test_every_column_has_its_words(whole: Report, scope: Scope, english: Format) -> None:
    columns = sheets(marketing(whole, data(scope), english))[0]["columns"]
    assert all(column["explain"]["formula"] for column in columns[1:])


def test_rows_left_out_are_counted(whole: Report, scope: Scope, english: Format) -> None:
    assert "1,200 smaller ones are left out." in text(marketing(whole, data(scope, 1200), english))


def test_empty_says_what_will_be_here(whole: Report, scope: Scope, english: Format) -> None:
    said = text(marketing(whole, replace(data(scope), rows=()), english))
    assert said.startswith("Marketing return No marketing in this period")
