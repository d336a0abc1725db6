"""From gross revenue down to gross profit."""

from decimal import Decimal
from typing import Any

from components.format import Format
from components.tokens import ink
from components.waterfall import figure, waterfall
from tests.components.conftest import Make
from tests.components.text import rows

FIGURES: dict[str, list[int]] = {
    "gross": [900], "bookings": [600], "gifts": [300], "subscriptions": [0], "affiliate": [0],
    "refunds": [100], "net": [800], "platformFees": [160], "grossProfit": [640],
}  # fmt: skip


def spans(drawing: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Each bar with where it begins and ends."""
    return [
        (bar["x"][0].replace("<br>", " "), bar["base"][0], bar["base"][0] + bar["y"][0])
        for bar in drawing["data"]
    ]


def test_each_step_begins_where_the_last_one_ended(make: Make, english: Format) -> None:
    assert spans(figure(make(**FIGURES), english)) == [
        ("Gross revenue", 0, 600), ("Gross revenue", 600, 900), ("Refunds", 800, 900),
        ("Net revenue", 0, 800), ("Platform fees", 640, 800), ("Gross profit", 0, 640),
    ]  # fmt: skip


def test_gross_revenue_has_the_colours_of_its_sources(make: Make, english: Format) -> None:
    bars = figure(make(**FIGURES), english)["data"]
    assert [bar["marker"]["color"] for bar in bars[:2]] == [ink("bookings"), ink("gifts")]
    assert bars[0]["customdata"] == ["Bookings €600.00"]


def test_labels_stand_on_the_steps(make: Make, english: Format) -> None:
    notes = figure(make(**FIGURES), english)["layout"]["annotations"]
    assert [(note["text"], note["y"]) for note in notes] == [
        ("€900.00", 900), ("−€100.00", 900), ("€800.00", 800), ("−€160.00", 800), ("€640.00", 640),
    ]  # fmt: skip


def test_more_given_back_than_sold_goes_below_zero(make: Make, english: Format) -> None:
    drawing = figure(make(**FIGURES | {"refunds": [1000], "net": [-100], "grossProfit": [-260]}), english)
    assert spans(drawing)[2:] == [
        ("Refunds", -100, 900), ("Net revenue", 0, -100), ("Platform fees", -260, -100),
        ("Gross profit", 0, -260),
    ]  # fmt: skip
    low, high = drawing["layout"]["yaxis"]["range"]
    assert low <= -260
    assert high >= 900


def test_the_table_says_the_same(make: Make, english: Format) -> None:
    assert rows(waterfall(make(**FIGURES), english))[1:] == [
        "Gross revenue €900.00", "less Refunds €100.00", "Net revenue €800.00",
        "less Platform fees €160.00", "Gross profit €640.00",
    ]  # fmt: skip


def test_nothing_is_drawn_of_nothing(make: Make, english: Format) -> None:
    assert waterfall(make(**{key: [Decimal(0)] for key in FIGURES}), english) is None
