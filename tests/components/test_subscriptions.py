"""The card of subscriptions: four numbers, and who came and went."""

from decimal import Decimal
from typing import Any

from components.format import Format
from components.subscriptions import subscriptions
from services.metrics.report import Report
from tests.components.conftest import Make
from tests.components.text import find, rows, text


def report(make: Make, **more: Any) -> Report:
    nothing: dict[str, Any] = dict.fromkeys(("newSubscribers", "churnedSubscribers"), ([0] * 7, [0] * 7))
    levels = {"activeSubscribers": ([0] * 7, [0] * 7), "mrr": ([Decimal(0)] * 7, [Decimal(0)] * 7)}
    return make(**{**nothing, **levels, **more})


def test_the_numbers_and_the_bars(make: Make, english: Format) -> None:
    drawn = subscriptions(
        report(
            make,
            activeSubscribers=([3, 3, 4, 4, 4, 5, 4], [2] * 7),
            mrr=([Decimal(60)] * 7, [Decimal(40)] * 7),
            newSubscribers=([1, 0, 1, 0, 0, 1, 0], [0] * 7),
            churnedSubscribers=([0] * 6 + [1], [0] * 7),
        ),
        english,
    )
    said = text(drawn)
    assert said.startswith(
        "Subscribers per day Active subscribers 4 up 100% from 2 Monthly recurring revenue"
    )
    assert "€60.00 up 50% from €40.00 New subscribers 3" in said
    assert rows(drawn)[-1].endswith("so far 0 1")
    (graph,) = find(drawn, "Graph")
    came, went = graph.figure["data"]
    assert (came["y"][0], went["y"][6]) == (1, -1)


def test_those_who_stay_are_told_where_nobody_moves(make: Make, english: Format) -> None:
    drawn = subscriptions(report(make, activeSubscribers=([5] * 7, [5] * 7)), english)
    assert "Active subscribers 5 no change" in text(drawn)
    assert "Nobody came or went in this period" in text(drawn)
    assert not find(drawn, "Graph")


def test_empty_says_what_will_be_here(make: Make, english: Format) -> None:
    said = text(subscriptions(report(make), english))
    assert said.startswith("Subscriptions No subscribers in this period Charges that name")
    assert said.endswith("Show all time")
