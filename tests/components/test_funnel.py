"""The gift funnel as bars."""

from decimal import Decimal

from components.format import Format
from components.funnel import NO_CLICKS, funnel
from services.metrics.funnel import Step
from tests.components.text import rows, sheets, text

STEPS = (
    Step("view", "Saw the profile", 200, 260, Decimal("0.25")),
    Step("catalog", "Opened the gift list", 50, 70, Decimal("0.9")),
    Step("item", "Looked at a gift", 45, 90, Decimal("0.2")),
    Step("checkout", "Went to pay", 9, 9),
    Step("purchase", "Gave a gift", 12, 14),
)


def test_people_counts_and_who_goes_on(english: Format) -> None:
    drawn = funnel(STEPS, english)
    assert rows(drawn) == [
        "Step People Times Go on",
        "Saw the profile 200 260 25.0%",
        "Opened the gift list 50 70 90.0%",
        "Looked at a gift 45 90 20.0%",
        "Went to pay 9 9 –",
        "Gave a gift 12 14",
    ]
    assert "most turn back between “Looked at a gift” and “Went to pay”: 36 of 45." in text(drawn)
    assert NO_CLICKS not in text(drawn)


def test_bars_are_as_long_as_people_are_many(english: Format) -> None:
    (sheet,) = sheets(funnel(STEPS, english))
    assert [line["cells"][0]["bar"] for line in sheet["lines"]] == [100, 25, 22.5, 4.5, 6]


def test_purchases_alone_say_how_to_get_the_rest(english: Format) -> None:
    steps = [Step(step.key, step.label, 0, 0) for step in STEPS[:-1]]
    drawn = funnel((*steps, Step("purchase", "Gave a gift", None, 14)), english)
    assert rows(drawn)[-1] == "Gave a gift – 14"
    assert NO_CLICKS in text(drawn)


def test_nothing_at_all(english: Format) -> None:
    drawn = funnel([Step(step.key, step.label, 0, 0) for step in STEPS], english)
    assert "Nobody on the way to a gift yet" in text(drawn)
    assert rows(drawn) == []
