"""The rows behind the figures of revenue, as they are read."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from components import refund, transactions
from components.format import Format
from components.transactions import Rows
from models.errors import InvalidInput
from services.profiles import Profile
from services.scope import Scope
from services.transactions import Filter, Movement, MovementKind, Page, Place, Totals
from tests.components.conftest import NOW
from tests.components.text import cell, find, rows, sheets, text

NOTHING = Totals(0, Decimal(0), Decimal(0), Decimal(0))


@pytest.fixture
def sale() -> Movement:
    return Movement(
        transaction_id=UUID(int=7),
        kind=MovementKind.SALE,
        at=NOW,
        local_date=date(2026, 11, 24),
        date_only=False,
        source="booking",
        status="completed",
        amount=Decimal("200.00"),
        currency="EUR",
        reporting_amount=Decimal("120.00"),
        reporting_partner=Decimal("80.00"),
        rate=None,
        refunded_amount=Decimal(0),
        partner_id="Mia",
        counterparty_id="Ada",
        country=None,
        item_id=None,
        item_name="An evening",
        category=None,
        external_id=None,
        by_hand=True,
        part=None,
    )


def drawn(scope: Scope, fmt: Format, *found: Movement, may_write: bool = True, **more: Any) -> Any:
    page = Page(scope, found, more.get("next"))
    totals = more.get("totals", replace(NOTHING, rows=len(found)))
    return transactions.rows(
        Rows(page, more.get("chosen", Filter()), totals, more.get("first", True)), fmt, may_write
    )


def test_a_shared_booking_says_whose_part_is_whose(sale: Movement, scope: Scope, english: Format) -> None:
    assert rows(drawn(scope, english, sale))[1] == (
        "Nov 24, 2026 Booking An evening with Mia: €120.00 yours, €80.00 theirs Ada Completed "
        "€120.00 of €200.00"
    )


def test_a_refund_has_a_minus_and_its_sale_says_so(sale: Movement, scope: Scope, english: Format) -> None:
    own = {"partner_id": None, "reporting_partner": Decimal(0)}
    alone = replace(
        sale, **own, reporting_amount=Decimal(200), refunded_amount=Decimal(50), status="refunded"
    )
    part = replace(
        alone, kind=MovementKind.REFUND, amount=Decimal(50), reporting_amount=Decimal(50), part=Decimal(0)
    )
    assert rows(drawn(scope, english, part, alone))[1:] == [
        "Nov 24, 2026 Booking An evening Ada Refund −€50.00",
        "Nov 24, 2026 Booking An evening Ada €50.00 refunded later €200.00",
    ]
    whole = replace(alone, refunded_amount=Decimal(200))
    assert "Refunded later" in text(drawn(scope, english, whole))


def test_amounts_of_other_currencies(sale: Movement, scope: Scope, english: Format) -> None:
    dollars = replace(
        sale, currency="USD", partner_id=None, reporting_partner=Decimal(0), rate=Decimal("0.6")
    )
    assert "$200.00 €120.00 at 0.60" in text(drawn(scope, english, dollars))
    unknown = replace(dollars, kind=MovementKind.UNCONVERTED, reporting_amount=None, reporting_partner=None)
    assert "$200.00 no rate, in no sum" in text(drawn(scope, english, unknown))


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, ["open", "delete"]),
        ({"by_hand": False}, ["open"]),
        ({"by_hand": False, "kind": MovementKind.PENDING, "status": "pending"}, ["complete"]),
        ({"status": "refunded", "refunded_amount": Decimal(200)}, ["delete"]),
        ({"part": Decimal(0)}, []),
    ],
)
def test_what_can_be_done_with_a_row(
    changes: dict[str, Any], offered: list[str], sale: Movement, scope: Scope, english: Format
) -> None:
    row = replace(sale, **changes)
    buttons = cell(drawn(scope, english, row), 0, -1).get("actions", [])
    assert [button["act"]["do"] for button in buttons] == offered
    assert "actions" not in cell(drawn(scope, english, row, may_write=False), 0, -1)


def test_the_form_for_a_refund_stands_below_its_sale(sale: Movement, scope: Scope, english: Format) -> None:
    part = replace(sale, refunded_amount=Decimal(50), status="refunded")
    other = replace(sale, transaction_id=UUID(int=8), item_name="Another")
    page = Page(scope, (part, other), None)
    found = Rows(page, Filter(), replace(NOTHING, rows=2), True)
    shown = transactions.rows(found, english, True, str(part.transaction_id))
    assert [sheet["headless"] for sheet in sheets(shown)] == [False, True]
    fields = {
        field.id["field"]: field.value for kind in ("TextInput", "DateInput") for field in find(shown, kind)
    }
    assert fields["amount"] == "150.00"
    for nobody in (
        transactions.rows(found, english, False, str(part.transaction_id)),
        drawn(scope, english, part),
    ):
        assert not find(nobody, "DateInput")


def test_a_refund_is_read_from_its_form(sale: Movement, profile: Profile, english: Format) -> None:
    given = refund.read({"amount": "1,050.5", "refunded_at": "2026-11-24"}, sale, profile, english)
    assert (given.amount, given.day) == (Decimal("1050.5"), date(2026, 11, 24))
    for written in ({"amount": "x", "refunded_at": "2026-11-24"}, {"amount": "1", "refunded_at": None}):
        with pytest.raises(InvalidInput):
            refund.read(written, sale, profile, english)


def test_the_sum_of_all_rows_stands_above_them(sale: Movement, scope: Scope, english: Format) -> None:
    totals = Totals(1_234, Decimal(500), Decimal(20), Decimal(0))
    assert "1,234 rows, €500.00 sold, €20.00 given back" in text(drawn(scope, english, sale, totals=totals))


def test_the_file_has_what_is_chosen(sale: Movement, scope: Scope, english: Format) -> None:
    chosen = Filter(source="booking", kind=MovementKind.SALE, text="an evening")
    link = next(one for one in find(drawn(scope, english, sale, chosen=chosen), "A") if "export" in one.href)
    assert parse_qs(urlsplit(link.href).query) == {
        "period": ["7d"], "source": ["booking"], "kind": ["sale"], "q": ["an evening"],
    }  # fmt: skip


def test_the_next_page_begins_after_the_last_row(sale: Movement, scope: Scope, english: Format) -> None:
    page = drawn(scope, english, sale, next=sale.place, first=False)
    first, following = [one for one in find(page, "Button") if "cursor" in getattr(one, "data-set", "")]
    assert getattr(first, "data-set") == "cursor="
    cursor = getattr(following, "data-set").partition("=")[2]
    assert Place.read(cursor.split("~")) == sale.place


def test_nothing_found_and_nothing_there(scope: Scope, english: Format) -> None:
    assert "Nothing found" in text(drawn(scope, english, chosen=Filter(text="x")))
    assert "Add the first one above" in text(drawn(scope, english))
    assert "Add the first one" not in text(drawn(scope, english, may_write=False))


def test_what_was_chosen_elsewhere_can_be_dropped(sale: Movement, scope: Scope, english: Format) -> None:
    assert "Partner: Mia" in text(drawn(scope, english, sale, chosen=Filter(partner="Mia")))


def test_an_address_keeps_the_scope_and_drops_other_choices() -> None:
    address = transactions.address("?period=7d&q=x&cursor=1&kind=sale", kind="pending")
    assert address == "/revenue?period=7d&kind=pending#rows"


def test_what_is_pending(english: Format) -> None:
    waiting = Totals(2, Decimal(0), Decimal(0), Decimal(175))
    said = text(transactions.pending(waiting, date(2026, 11, 3), "EUR", "#rows", english))
    assert "€175.00 2 sales are announced and not completed, the oldest since Nov 3, 2026" in said
    assert transactions.pending(NOTHING, None, "EUR", "#rows", english) is None
