"""The form for income, and what it makes of the words written into it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from components import income
from components.format import Format
from models.errors import InvalidInput
from services.profiles import Profile
from tests.components.text import find, text

WRITTEN = {
    "transaction_date": "2026-11-20",
    "transaction_type": "booking",
    "item_name": "An evening",
    "counterparty_id": "Ada",
    "category": None,
    "partner_id": None,
    "share": None,
    "amount": "1,234.50",
    "currency": "EUR",
}
SHARED = {"partner_id": "Mia", "share": "62.5 %"}


def test_a_form_becomes_income_entered_by_hand(profile: Profile, english: Format) -> None:
    given = income.read(WRITTEN, profile, english)
    assert (given.amount, given.transaction_type, given.transaction_date) == (
        Decimal("1234.50"),
        "booking",
        date(2026, 11, 20),
    )
    assert (given.item_name, given.counterparty_id, given.split) == ("An evening", "Ada", None)
    assert (given.status, given.metadata, given.profile_id) == (
        "completed",
        {"entry": "manual"},
        profile.profile_id,
    )


def test_a_shared_booking_has_its_parts(profile: Profile, english: Format) -> None:
    split = income.read(WRITTEN | SHARED, profile, english).split
    assert split is not None
    assert (split.profile, split.partner) == (Decimal("0.625"), Decimal("0.375"))


def test_what_the_source_does_not_have_is_left_out(profile: Profile, english: Format) -> None:
    gift = income.read(WRITTEN | SHARED | {"transaction_type": "gift", "category": "roses"}, profile, english)
    assert (gift.category, gift.partner_id, gift.split) == ("roses", None, None)
    assert income.read(WRITTEN | {"category": "roses"}, profile, english).category is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": ""}, "The amount is missing or not a number; write it like 125.00."),
        ({"amount": "-5"}, "The amount must be more than 0."),
        ({"item_name": None}, "Description is missing."),
        ({"transaction_date": None}, "Date is missing."),
        ({"transaction_date": "soon"}, "Date: It is not a time; write it like 2026-03-31T18:00:00+02:00."),
        ({"item_name": "a\x00b"}, "Description: It can't hold control characters."),
        (SHARED | {"share": None}, "Your share is missing or no percentage; write it like 60."),
        (SHARED | {"share": "160"}, "Your share is missing or no percentage; write it like 60."),
        (SHARED | {"partner_id": ""}, "Partner is missing: with whom is it shared?"),
    ],
)
def test_a_mistake_gets_a_sentence(
    changes: dict[str, Any], sentence: str, profile: Profile, english: Format
) -> None:
    with pytest.raises(InvalidInput) as raised:
        income.read(WRITTEN | changes, profile, english)
    assert str(raised.value) == sentence


def test_the_form_is_for_those_who_may_write(profile: Profile) -> None:
    assert income.adder(profile, False) is None
    drawn = income.adder(profile, True, WRITTEN)
    fields = {
        field.id["field"]: field.value
        for kind in ("TextInput", "Select", "DateInput")
        for field in find(drawn, kind)
    }
    assert fields.keys() == income.FIELDS.keys()
    assert (fields["transaction_date"], fields["currency"], fields["item_name"]) == (
        "2026-11-20",
        "EUR",
        None,
    )
    assert "Add income" in text(drawn)


def test_each_source_shows_its_own_fields() -> None:
    hidden = {"display": "none"}
    assert income.shown("booking") == [hidden, {}, {}]
    assert income.shown("gift") == [{}, hidden, hidden]
    assert income.shown("subscription") == [hidden] * 3


def test_what_has_not_happened_yet_can_not_be_entered(profile: Profile, english: Format) -> None:
    with pytest.raises(InvalidInput, match="2099-12-31 lies in the future"):
        income.read({**WRITTEN, "transaction_date": "2099-12-31"}, profile, english)
