"""The table of costs and its forms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from components import costs
from components.costs import Page
from components.format import Format
from models.clock import now
from models.errors import InvalidInput
from services.costs import CostEntry, Filter, Totals
from services.ingest.inputs import Cost
from services.profiles import Profile
from services.scope import Scope
from tests.components.conftest import NOW
from tests.components.text import cell, find, rows, sheets, text

WRITTEN = {
    "expense_date": "2026-11-20",
    "category": "tools",
    "description": "Lamp",
    "channel": None,
    "amount": "1,234.50",
    "currency": "EUR",
}


@pytest.fixture
def entry(profile: Profile) -> CostEntry:
    return CostEntry(
        cost_id=UUID(int=7),
        profile_id=profile.profile_id,
        category="marketing",
        description="Instagram ads",
        channel="Instagram",
        amount=Decimal("120.00"),
        currency="EUR",
        reporting_amount=Decimal("120.00"),
        expense_date=date(2026, 11, 20),
        created_at=NOW,
        updated_at=NOW,
    )


def page(*entries: CostEntry, chosen: Filter = Filter(), first: bool = True, more: bool = False) -> Page:  # noqa: B008  # frozen
    known = [each.reporting_amount for each in entries if each.reporting_amount is not None]
    return Page(entries, chosen, Totals(len(entries), sum(known, Decimal(0))), first, more)


def test_a_form_becomes_a_cost(profile: Profile, english: Format) -> None:
    cost = costs.read(WRITTEN, profile, english)
    assert (cost.amount, cost.category, cost.expense_date) == (
        Decimal("1234.50"),
        "tools",
        date(2026, 11, 20),
    )
    assert cost.profile_id == profile.profile_id


def test_amounts_are_read_as_the_reader_writes_them(profile: Profile) -> None:
    assert costs.read(WRITTEN | {"amount": "1.234,50"}, profile, Format.of("de-DE")).amount == Decimal(
        "1234.50"
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "", "The amount is missing or not a number; write it like 125.00."),
        ("amount", "twelve", "The amount is missing or not a number; write it like 125.00."),
        ("amount", "-5", "The amount must be more than 0."),
        ("description", "", "Description is missing."),
        ("description", None, "Description is missing."),
        ("expense_date", "yesterday", "Date: It is not a date; write it like 2026-03-31."),
        ("description", "a\x00b", "Description: It can't hold control characters."),
    ],
)
def test_a_mistake_gets_a_sentence(
    field: str, value: Any, sentence: str, profile: Profile, english: Format
) -> None:
    with pytest.raises(InvalidInput) as raised:
        costs.read(WRITTEN | {field: value}, profile, english)
    assert str(raised.value) == sentence
    assert raised.value.problems[0].pointer == f"/{field}"


def test_a_form_can_not_name_another_profile(profile: Profile, english: Format) -> None:
    assert (
        costs.read(WRITTEN | {"profile_id": str(UUID(int=99))}, profile, english).profile_id
        == profile.profile_id
    )


def test_what_is_taken_back_is_what_was(entry: CostEntry) -> None:
    cost = Cost.model_validate(costs.plain(entry))
    for name in ("category", "description", "channel", "amount", "currency", "expense_date"):
        assert getattr(cost, name) == getattr(entry, name)


def test_a_row(entry: CostEntry, scope: Scope, english: Format) -> None:
    drawn = costs.entries(page(entry), scope, english, None, True)
    assert rows(drawn)[1] == "Nov 20, 2026 Marketing Instagram ads Instagram €120.00"
    buttons = [(button["label"], button["act"]["do"]) for button in cell(drawn, 0, -1)["actions"]]
    assert buttons == [
        ("Repeat Instagram ads", "repeat"),
        ("Edit Instagram ads", "open"),
        ("Delete Instagram ads", "delete"),
    ]


def test_an_amount_of_another_currency_shows_both(entry: CostEntry, scope: Scope, english: Format) -> None:
    dollars = replace(entry, currency="USD", reporting_amount=Decimal("108.40"))
    assert "$120.00 €108.40" in text(costs.entries(page(dollars), scope, english, None, True))
    unknown = replace(entry, currency="USD", reporting_amount=None)
    assert "$120.00 no rate, in no sum" in text(costs.entries(page(unknown), scope, english, None, True))


def test_the_edited_row_is_a_form(entry: CostEntry, scope: Scope, english: Format) -> None:
    drawn = costs.entries(page(entry), scope, english, str(entry.cost_id), True)
    assert [text(button) for button in find(drawn, "Button")][-2:] == ["Save", "Cancel"]
    fields = [field for kind in ("TextInput", "Select", "DateInput") for field in find(drawn, kind)]
    assert {field.id["field"]: field.value for field in fields} == {
        "description": "Instagram ads",
        "channel": "Instagram",
        "amount": "120.00",
        "category": "marketing",
        "currency": "EUR",
        "expense_date": "2026-11-20",
    }


def test_the_rows_around_the_form_stay(entry: CostEntry, scope: Scope, english: Format) -> None:
    others = [replace(entry, cost_id=UUID(int=number), description=f"Cost {number}") for number in (1, 7, 9)]
    drawn = costs.entries(page(*others), scope, english, str(entry.cost_id), True)
    assert [row.split(" Marketing ")[1] for row in rows(drawn) if "Marketing" in row] == [
        "Cost 1 Instagram €120.00",
        "Cost 9 Instagram €120.00",
    ]
    assert [sheet["headless"] for sheet in sheets(drawn)] == [False, True]


def test_who_may_only_read_is_offered_nothing(entry: CostEntry, scope: Scope, english: Format) -> None:
    drawn = costs.entries(page(entry), scope, english, str(entry.cost_id), False)
    assert not find(drawn, "TextInput")
    assert "actions" not in cell(drawn, 0, -1)
    assert costs.adder(scope.profile, False, english) is None


def fields_of(drawn: Any) -> dict[str, Any]:
    kinds = ("TextInput", "Select", "DateInput")
    return {field.id["field"]: field.value for kind in kinds for field in find(drawn, kind)}


def test_the_next_cost_begins_like_the_last(profile: Profile, english: Format) -> None:
    fields = fields_of(costs.adder(profile, True, english, WRITTEN))
    assert (fields["expense_date"], fields["category"], fields["currency"]) == ("2026-11-20", "tools", "EUR")
    assert (fields["description"], fields["amount"]) == (None, None)


def test_a_cost_that_comes_again_fills_the_form_for_today(entry: CostEntry, profile: Profile) -> None:
    german = Format.of("de-DE")
    fields = fields_of(costs.adder(profile, True, german, again=replace(entry, amount=Decimal("1120.50"))))
    assert fields.pop("expense_date") == profile.local_date(now()).isoformat()
    cost = costs.read(fields | {"expense_date": "2026-11-24"}, profile, german)
    assert (cost.amount, cost.description, cost.channel) == (Decimal("1120.50"), "Instagram ads", "Instagram")


def test_what_is_chosen_is_said_and_added_up(entry: CostEntry, scope: Scope, english: Format) -> None:
    chosen = Filter("marketing", "insta ads")
    drawn = costs.entries(page(entry, chosen=chosen), scope, english, None, False)
    assert "1 entry, €120.00" in text(drawn)
    pressed = [text(each) for each in find(drawn, "Button") if getattr(each, "aria-pressed", "") == "true"]
    assert pressed == ["Marketing"]
    [file] = find(drawn, "A")
    assert file.href == (
        f"/api/costs/{scope.profile.profile_id}/entries/export?period=7d&category=marketing&q=insta+ads"
    )


def test_pages_are_turned_by_the_url(entry: CostEntry, scope: Scope, english: Format) -> None:
    drawn = costs.entries(page(entry, more=True), scope, english, None, False)
    [turn] = [each for each in find(drawn, "Button") if text(each) == "Next page"]
    name, _, cursor = getattr(turn, "data-set").partition("=")
    assert name == "cursor"
    assert costs.after(f"?period=all&cursor={cursor}") == entry.place
    last = costs.entries(page(entry, first=False), scope, english, None, False)
    assert [text(each) for each in find(last, "Button")][-1] == "First page"


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-01-01", "2026-01-01~x", "2026-13-01~" + str(UUID(int=1)), "~~"]
)
def test_a_cursor_that_is_none_begins_at_the_first(cursor: str) -> None:
    assert costs.after(f"?cursor={cursor}") is None


def test_what_was_not_found_says_so(scope: Scope, english: Format) -> None:
    drawn = costs.entries(page(chosen=Filter(None, "lamp")), scope, english, None, True)
    assert "Nothing found" in text(drawn)
    assert "Show all" in text(drawn)
    assert "Nothing found" in text(costs.entries(page(chosen=Filter("tools")), scope, english, None, True))


def test_no_costs_say_how_to_add_one(scope: Scope, english: Format) -> None:
    assert "Add the first one above" in text(costs.entries(page(), scope, english, None, True))
    assert "Add" not in text(costs.entries(page(), scope, english, None, False))
