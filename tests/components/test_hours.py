"""The hours of the week, as they are read."""

from components.format import Format
from components.hours import hours
from services.metrics.hours import Week
from services.scope import Scope
from tests.components.text import cell, text


def week(scope: Scope, **views: int) -> Week:
    counted = [[0] * 24 for _ in range(7)]
    for place, many in views.items():
        day, hour = place[1:].split("_")
        counted[int(day)][int(hour)] = many
    return Week(scope, tuple(map(tuple, counted)))


def test_the_busiest_hour_is_named(scope: Scope, english: Format) -> None:
    drawn = hours(week(scope, d1_21=9, d4_8=1), english)
    assert "Most came on Tuesdays at 9 PM." in text(drawn)
    busiest = cell(drawn, 1, 22)
    assert (busiest["text"], busiest["style"], busiest["title"]) == ("9", "shade-5", "Tuesday 9 PM: 9 views")
    assert cell(drawn, 4, 9)["style"] == "shade-1"
    assert cell(drawn, 0, 1) == {"text": "·", "style": "shade-0", "title": "Monday 12 AM: 0 views"}


def test_hours_are_written_as_the_reader_writes_them(scope: Scope) -> None:
    assert "Most came on Fridays at 08:00." in text(hours(week(scope, d4_8=1), Format.of("de-DE")))


def test_no_views(scope: Scope, english: Format) -> None:
    assert "No views in this period" in text(hours(week(scope), english))
