"""The table of donors and its pages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from components.donors import donors, turned
from components.format import Format
from services.metrics.donors import Donor, DonorPage, Place
from services.scope import Scope
from tests.components.text import find, rows, text

ANNA = Donor("anna~1", Decimal("120.5"), 3, date(2026, 11, 1), date(2026, 11, 20))
PLACE = Place(Decimal("120.5"), "anna~1")
NOTHING = ("No donors", "Soon.")


def page(scope: Scope) -> DonorPage:
    return DonorPage(scope, (ANNA,), first=51, whole=23_570)


def test_a_row(scope: Scope, english: Format) -> None:
    drawn = donors(page(scope), english, NOTHING)
    assert rows(drawn)[1] == "anna~1 €120.50 3 Nov 1, 2026 Nov 20, 2026"
    assert "51 – 51 of 23,570" in text(drawn)
    assert not find(drawn, "Button")


def test_the_pages_around_lie_beside_the_rows(scope: Scope, english: Format) -> None:
    drawn = donors(replace(page(scope), next=PLACE, previous=PLACE), english, NOTHING)
    buttons = find(drawn, "Button")
    assert [text(button) for button in buttons] == ["First", "Previous", "Next"]
    assert not any(button.disabled for button in buttons)
    cursors = [getattr(button, "data-set").removeprefix("cursor=") for button in buttons]
    assert [turned(f"?period=7d&cursor={cursor}") for cursor in cursors] == [
        (None, None),
        (None, PLACE),
        (PLACE, None),
    ]


@pytest.mark.parametrize(("side", "off"), [("next", ["First", "Previous"]), ("previous", ["Next"])])
def test_at_either_end_there_is_no_going_on(scope: Scope, english: Format, side: str, off: list[str]) -> None:
    found = DonorPage(scope, (ANNA,), first=1, whole=2, **{side: PLACE})  # type: ignore[arg-type]  # either side
    buttons = find(donors(found, english, NOTHING), "Button")
    assert [text(button) for button in buttons if button.disabled] == off


def test_the_file_is_of_the_same_period(scope: Scope, english: Format) -> None:
    (link,) = find(donors(page(scope), english, NOTHING), "A")
    assert link.href == f"/api/gift-analytics/{scope.profile.profile_id}/donors/export?period=7d"


def test_nobody_gave(scope: Scope, english: Format) -> None:
    drawn = donors(DonorPage(scope, ()), english, NOTHING)
    assert text(drawn) == "Who gives No donors Soon."
    assert not find(drawn, "A")


@pytest.mark.parametrize(
    "search",
    [
        None,
        "",
        "?cursor=",
        "?cursor=x~y",
        "?cursor=12",
        "?cursor=NaN~a",
        "?cursor=5~%00",
        "?cursor=Infinity~a",
        "?cursor=before~",
        "?cursor=before~x~a",
    ],
)
def test_a_broken_cursor_is_the_first_page(search: str | None) -> None:
    assert turned(search) == (None, None)
