"""The table of donors and its pages."""

from datetime import date
from decimal import Decimal

import pytest

from components.donors import after, donors
from components.format import Format
from services.metrics.donors import Donor, DonorPage
from services.scope import Scope
from tests.components.text import find, rows, text

ANNA = Donor("anna~1", Decimal("120.5"), 3, date(2026, 11, 1), date(2026, 11, 20), "DE")
NOTHING = ("No donors", "Soon.")


def test_a_row(scope: Scope, english: Format) -> None:
    drawn = donors(DonorPage(scope, (ANNA,), None), True, english, NOTHING)
    assert rows(drawn)[1] == "anna~1 €120.50 3 Nov 1, 2026 Nov 20, 2026"
    assert not find(drawn, "Button")


def test_the_next_page_begins_after_the_last_row(scope: Scope, english: Format) -> None:
    page = DonorPage(scope, (ANNA,), (Decimal("120.5"), "anna~1"))
    (button,) = find(donors(page, True, english, NOTHING), "Button")
    cursor = getattr(button, "data-set").removeprefix("cursor=")
    assert after(f"?cursor={cursor}") == page.next


def test_a_later_page_leads_back_to_the_first(scope: Scope, english: Format) -> None:
    drawn = donors(DonorPage(scope, (ANNA,), None), False, english, NOTHING)
    assert [text(button) for button in find(drawn, "Button")] == ["First page"]


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
    ],
)
def test_a_broken_cursor_is_the_first_page(search: str | None) -> None:
    assert after(search) is None
