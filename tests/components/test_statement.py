"""The profit-and-loss statement, read line by line."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from components.format import Format
from components.statement import paper
from models.period import Comparison, Granularity, Period
from services.metrics.statement import Line, RateUsed, Row, Statement, Unconverted
from services.scope import Scope
from tests.components.conftest import NOW, Make
from tests.components.text import cell, rows, text


@pytest.fixture
def data(make: Make, scope: Scope) -> Statement:
    """September to November, the last unfinished; compared with the three months before."""
    months = Scope(scope.profile, Period.of_days(date(2026, 9, 1), date(2026, 11, 24), "Europe/Berlin"),
                   Granularity.MONTH, Comparison.PREVIOUS, NOW)  # fmt: skip
    now = Decimal
    report = make(
        months,
        gifts=([now(100), now("1200.5"), now(0)], [now(650), now(0), now(0)]),
        refunds=([now(0), now(20), now(0)], [now(0), now(0), now(0)]),
        net=([now(100), now("1180.5"), now(0)], [now(650), now(0), now(0)]),
        netMargin=([Decimal(1), Decimal("0.5"), None], [Decimal(1), None, None]),
    )
    lines = (
        Line("gifts", "Gifts", Row.ITEM, report["gifts"]),
        Line("refunds", "Refunds", Row.ITEM, report["refunds"], less=True),
        Line("net", "Net revenue", Row.RESULT, report["net"]),
        Line("netMargin", "Net margin", Row.MARGIN, report["netMargin"]),
    )
    return Statement(report, lines, (), ())


def test_the_lines(data: Statement, english: Format) -> None:
    assert rows(paper(data, english))[:4] == [
        "Line Sep 2026 Oct Nov so far Total Before Change",
        "Gifts 100.00 1,200.50 0 1,300.50 650.00 +100%",
        "less Refunds 0 −20.00 0 −20.00 0 –",
        "Net revenue 100.00 1,180.50 0 1,280.50 650.00 +97%",
    ]


def test_a_margin_that_can_not_be_computed_is_a_dash(data: Statement, english: Format) -> None:
    assert rows(paper(data, english))[4].startswith("Net margin 100.0% 50.0% –")


def test_a_cell_leads_to_its_rows(data: Statement, english: Format) -> None:
    drawn, who = paper(data, english), data.report.scope.profile.profile_id
    own = f"/revenue?profile={who}&from=2026-09-01&to=2026"
    assert cell(drawn, 0, 1)["href"] == f"{own}-09-30&source=gift#rows"
    assert cell(drawn, 1, 4)["href"] == f"{own}-11-24&kind=refund#rows"
    assert "href" not in cell(drawn, 0, 3), "there are no rows behind a zero"
    assert "href" not in cell(drawn, 3, 1), "a margin has no rows"


def test_zeros_are_muted(data: Statement, english: Format) -> None:
    drawn = paper(data, english)
    assert [cell(drawn, 1, column).get("style") for column in (1, 2, 3)] == ["zero", None, "zero"]


def test_a_fall_of_costs_and_refunds_is_good(data: Statement, english: Format) -> None:
    refunds = replace(data.lines[1].figure, total=Decimal(5), before=Decimal(10))
    fallen = replace(data, lines=(replace(data.lines[1], figure=refunds),))
    assert "good" in cell(paper(fallen, english), 0, -1)["style"]


def test_it_says_whose_it_is_and_when(data: Statement, english: Format) -> None:
    assert text(paper(data, english)).startswith("Anna Profit and loss, Sep 1 – Nov 24, 2026, amounts in EUR")


def test_no_columns_for_no_comparison(data: Statement, english: Format) -> None:
    alone = replace(data, report=replace(data.report, compared=None))
    assert rows(paper(alone, english))[0] == "Line Sep 2026 Oct Nov so far Total"


def test_no_columns_for_a_comparison_with_nothing(data: Statement, english: Format) -> None:
    lines = tuple(replace(line, figure=replace(line.figure, before=None)) for line in data.lines)
    first = rows(paper(replace(data, lines=lines), english))
    assert first[0] == "Line Sep 2026 Oct Nov so far Total"
    assert first[1] == "Gifts 100.00 1,200.50 0 1,300.50"


def test_what_is_in_no_sum_is_said(data: Statement, english: Format) -> None:
    left_out = replace(data, unconverted=(Unconverted("transactions", "XOF", Decimal(120_000), 3),))
    assert "in no sum" in text(paper(left_out, english))
    assert "120,000 of income (3)" in text(paper(left_out, english))
    others = (
        Unconverted("cost_entries", "XOF", Decimal(700), 1),
        Unconverted("transaction_refunds", "XOF", Decimal(20_000), 2),
    )
    drawn = text(paper(replace(data, unconverted=(*others, *left_out.unconverted)), english))
    income, refunds, costs = (
        drawn.index(words) for words in ("of income (3)", "20,000 of refunds (2)", "700 of costs (1)")
    )
    assert income < refunds < costs


def test_the_rates_used_are_named(data: Statement, english: Format) -> None:
    one = RateUsed(
        currency="USD",
        low=Decimal("0.89"),
        high=Decimal("0.9345"),
        first=date(2026, 9, 2),
        last=date(2026, 10, 1),
        rows=4,
    )
    two = replace(one, currency="GBP", low=Decimal("1.15"), high=Decimal("1.15"))
    found = rows(paper(replace(data, rates=(one, two)), english))[-3:]
    assert found == [
        "Currency EUR for one Published Amounts",
        "USD 0.89 – 0.9345 Sep 2 – Oct 1, 2026 4",
        "GBP 1.15 Sep 2 – Oct 1, 2026 4",
    ]


def test_nothing_earned_and_nothing_spent_says_what_will_be_here(make: Make, english: Format) -> None:
    report = make(gifts=[Decimal(0)] * 7)
    drawn = paper(Statement(report, (Line("gifts", "Gifts", Row.ITEM, report["gifts"]),), (), ()), english)
    assert "Nothing was earned or spent in this period" in text(drawn)
    assert not rows(drawn)
