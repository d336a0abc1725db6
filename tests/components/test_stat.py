"""The numbers on top of a page, and the sentence above them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from components import stat
from components.format import Format
from components.headline import headline
from models.period import Comparison
from services.scope import Scope
from tests.components.conftest import Make
from tests.components.text import text


def test_a_change_is_told_in_words(make: Make, english: Format) -> None:
    report = make(views=([2, 2, 2, 2, 2, 2, 0], [1] * 10))
    assert text(stat.stat(report, "views", english)) == "Views 12 up 20% from 10"


@pytest.mark.parametrize(
    ("metric", "now", "before", "tone"),
    [
        ("views", 2, 1, "good"),
        ("views", 1, 2, "bad"),
        ("costs", 1, 2, "good"),
        ("costs", 2, 1, "bad"),
        ("pending", 2, 1, "even"),
        ("views", 1, 1, "even"),
    ],
)
def test_the_tone_depends_on_what_is_good(metric: str, now: int, before: int, tone: str, make: Make) -> None:
    assert stat.tone(make(**{metric: ([Decimal(now)], [Decimal(before)])})[metric]) == tone


def test_nothing_to_compare_with_is_said(make: Make, english: Format, scope: Scope) -> None:
    alone = replace(scope, comparison=Comparison.NONE)
    assert text(stat.stat(make(views=([5], [0])), "views", english)) == "Views 5 0 before"
    assert text(stat.stat(make(views=([0], [0])), "views", english)) == "Views 0 no change"
    assert text(stat.stat(make(alone, views=[5]), "views", english)) == "Views 5"


def test_a_share_moves_by_points(make: Make, english: Format) -> None:
    report = make(conversionRate=([Decimal("0.042")], [Decimal("0.03")]))
    assert text(stat.stat(report, "conversionRate", english)) == "Conversion 4.2% up 1.2 points from 3.0%"


def test_a_missing_figure_is_a_dash(make: Make, english: Format, scope: Scope) -> None:
    alone = make(replace(scope, comparison=Comparison.NONE), conversionRate=[None])
    assert text(stat.stat(alone, "conversionRate", english)) == "Conversion –"


def test_the_small_line_breaks_at_a_gap() -> None:
    line = stat.spark([1, 2, None, 2, 1])
    assert line is not None
    assert line.style["maskImage"].count("M") == 2


@pytest.mark.parametrize("points", [[], [1, 2], [None] * 9, [0] * 9])
def test_no_small_line_without_a_course(points: list[int | None]) -> None:
    assert stat.spark(points) is None


def test_the_headline_names_what_made_the_change(make: Make, english: Format) -> None:
    report = make(
        net=([Decimal(120)], [Decimal(100)]),
        gifts=([Decimal(70)], [Decimal(50)]),
        bookings=([Decimal(50)], [Decimal(50)]),
    )
    assert text(headline(report, "net", english, parts=("bookings", "gifts"))) == (
        "Net revenue is up 20% on the 7 days before. Gifts made most of it."
    )


def test_the_headline_names_nothing_when_no_part_made_most(make: Make, english: Format) -> None:
    report = make(
        net=([Decimal(120)], [Decimal(100)]),
        gifts=([Decimal(60)], [Decimal(50)]),
        bookings=([Decimal(60)], [Decimal(50)]),
    )
    assert "made most" not in text(headline(report, "net", english, parts=("bookings", "gifts")))


def test_the_headline_of_a_fall_names_what_fell(make: Make, english: Format) -> None:
    report = make(
        net=([Decimal(80)], [Decimal(100)]),
        gifts=([Decimal(20)], [Decimal(50)]),
        bookings=([Decimal(60)], [Decimal(50)]),
    )
    assert text(headline(report, "net", english, parts=("bookings", "gifts"))) == (
        "Net revenue is down 20% on the 7 days before. Gifts made most of it."
    )


def test_the_headline_of_nothing(make: Make, english: Format) -> None:
    assert text(headline(make(views=[0] * 7), "views", english)) == "Views: nothing in this period."


def test_the_headline_without_a_comparison(make: Make, english: Format, scope: Scope) -> None:
    alone = replace(scope, comparison=Comparison.NONE)
    assert text(headline(make(alone, views=[3] * 7), "views", english)) == "Views are 21 in this period."


def test_what_rounds_to_nothing_is_about_the_same(make: Make, english: Format) -> None:
    report = make(costs=([Decimal("509.78")], [Decimal("509.67")]))
    assert text(stat.stat(report, "costs", english)) == "Costs €509.78 about the same"
    assert stat.tone(report["costs"]) == "even"
    assert text(headline(report, "costs", english)) == "Costs are about the same as in the 7 days before."
