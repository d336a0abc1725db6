"""Income is entered by hand, found again, and taken back; every total follows."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from models.clock import now
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.profiles import Profile
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
ADDER, ROWS = "#revenue-adder", "#revenue-rows"


def summary(person: Person, profile: Profile, period: str = "period=mtd") -> dict[str, Decimal]:
    """Some figures by REST; the page must show the same."""
    _, text = person.fetch(f"/api/revenue/{profile.profile_id}/summary?{period}")
    body = json.loads(text)
    _, text = person.fetch(f"/api/pnl/{profile.profile_id}?{period}")
    figures = {name: Decimal(body[name]) for name in ("gross", "net", "refunds", "pending")}
    return figures | {
        "bookings": Decimal(body["bySource"]["bookings"]),
        "netProfit": Decimal(json.loads(text)["netProfit"]),
    }


def test_income_entered_by_hand_moves_every_total_and_undo_takes_it_back(
    person: Person, world: World
) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=mtd")
    person.sees("Add income", ADDER)
    person.settled()
    before = summary(person, world.anna)

    person.fill("Description", "A long evening", ADDER)
    person.fill("Amount", "some", ADDER)
    person.click("Add income", ADDER)
    person.sees("The amount is missing or not a number", ADDER)
    person.fill("Amount", "200.40", ADDER)
    person.fill("Partner", "Mia", ADDER)
    person.click("Add income", ADDER)
    person.sees("Your share is missing", ADDER)
    person.fill("Your share, %", "60", ADDER)
    person.click("Add income", ADDER)
    person.sees("A long evening", ROWS)
    person.sees("with Mia: €120.24 yours, €80.16 theirs", ROWS)

    after = summary(person, world.anna)
    mine = Decimal("120.24")
    for name in ("gross", "net", "bookings", "netProfit"):
        assert after[name] == before[name] + mine, name
    for label, name in (("Gross revenue", "gross"), ("Net revenue", "net")):
        exact = f"€{after[name]:,.2f}"
        person.wait.until(lambda _, label=label, exact=exact: person.number(label) == exact)

    person.undo("Added A long evening")
    person.misses("A long evening", ROWS)
    assert summary(person, world.anna) == before
    person.wait.until(lambda _: person.number("Gross revenue") == f"€{before['gross']:,.2f}")
    assert person.complaints() == []


def test_what_was_entered_by_hand_is_deleted_later_and_comes_back(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=mtd&q=Thank")
    person.sees("Add income", ADDER)
    before = summary(person, world.anna)
    person.fill("Description", "Thank you", ADDER)
    person.fill("Amount", "12.50", ADDER)
    person.click("Add income", ADDER)
    person.sees("Thank you", ROWS)
    added = summary(person, world.anna)

    person.open("/revenue?period=mtd&q=Thank")
    person.click("Delete Thank you", ROWS)
    person.sees("Nothing found", ROWS)
    assert summary(person, world.anna) == before
    person.undo("Deleted Thank you")
    person.sees("Thank you", ROWS)
    assert summary(person, world.anna) == added
    person.click("Delete Thank you", ROWS)
    person.sees("Nothing found", ROWS)


def test_an_unknown_action_changes_nothing(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=90d&kind=pending")
    person.sees("€75.00", ROWS)
    act = json.loads(str(person.run(f"return document.querySelector('{ROWS} [data-act]').dataset.act")))
    person.act(**{**act, "do": "drop"})
    person.sees("There is no such action.")
    person.open("/revenue?period=90d&kind=pending")
    person.sees("€75.00", ROWS)


def test_a_pending_sale_is_completed_and_a_completed_one_refunded(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=30d&kind=pending")
    person.sees("€75.00", ROWS)
    before = summary(person, world.anna, "period=30d")
    person.click("Mark Booking completed", ROWS)
    person.sees("Nothing found", ROWS)
    after = summary(person, world.anna, "period=30d")
    assert after["bookings"] == before["bookings"] + 75
    assert after["pending"] == before["pending"] - 75
    person.undo("Completed Booking, €75.00")
    person.sees("€75.00", ROWS)
    assert summary(person, world.anna, "period=30d") == before

    person.open("/revenue?period=30d&kind=sale&source=gift&q=p1")
    person.sees("sold", ROWS)
    person.click("Refund Gift", ROWS)
    person.sees("Given back on", ROWS)
    person.fill("Amount, EUR", "1000000", ROWS)
    person.click("Refund", f"{ROWS} .editing")
    person.sees("is left of the sale", ROWS)
    person.fill("Amount, EUR", "1.50", ROWS)
    person.click("Refund", f"{ROWS} .editing")
    person.sees("€1.50 refunded later", ROWS)
    assert summary(person, world.anna, "period=30d")["refunds"] == before["refunds"] + Decimal("1.50")
    person.undo("Refunded €1.50")
    person.misses("refunded later", ROWS)
    assert summary(person, world.anna, "period=30d") == before


def test_rows_are_filtered_searched_and_turned_without_the_rest(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=12m")
    person.sees("Next page", ROWS)
    person.settled()
    person.run("document.querySelector('#revenue-stats > *').dataset.mark = 'same'")
    first = person.text(f"{ROWS} tbody")
    person.click("Next page", ROWS)
    person.sees("First page", ROWS)
    assert person.text(f"{ROWS} tbody") != first
    person.driver.back()
    person.misses("First page", ROWS)
    assert person.text(f"{ROWS} tbody") == first

    person.click("Refunds", ROWS)
    person.sees("1 row, €50.00 given back", ROWS)
    assert "kind=refund" in person.driver.current_url
    person.click("Pending", ROWS)
    person.sees("1 row, €75.00 pending", ROWS)
    person.click("No rate", ROWS)
    person.sees("no rate, in no sum", ROWS)
    person.click("All", f"{ROWS} [aria-label=Kind]")
    person.click("Affiliate", ROWS)
    person.misses("Gift", f"{ROWS} tbody")
    person.click("All", f"{ROWS} [aria-label=Source]")
    field = person.driver.find_element("id", "revenue-find")
    field.send_keys("p7")
    person.wait.until(lambda _: "q=p7" in person.driver.current_url)
    person.misses("p5", f"{ROWS} tbody")
    person.sees("p7", f"{ROWS} tbody")
    assert person.run("return document.querySelector('#revenue-stats > *').dataset.mark") == "same"
    assert person.complaints() == []


def test_totals_lead_to_their_rows(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=90d")
    person.settled()
    figure = str(person.run("return document.querySelector('#revenue-sources tr:nth-child(2) a').innerText"))
    person.click(figure, "#revenue-sources")
    person.sees(f"{figure} sold", ROWS)
    person.misses("Booking", f"{ROWS} tbody")
    person.click("Show them", "#revenue-pending")
    person.sees("1 row, €75.00 pending", ROWS)

    person.open("/pnl?period=90d")
    person.sees("Net profit", "main table")
    person.run(
        """for (const row of document.querySelectorAll("main table tr"))
             if (row.cells[0].innerText.includes("Refunds")) [...row.querySelectorAll("a")].at(-1).click();"""
    )
    person.sees("1 row, €50.00 given back", ROWS)
    in_sight = "return document.getElementById('rows').getBoundingClientRect().bottom <= innerHeight + 20"
    person.wait.until(lambda _: person.run(in_sight), "the rows are out of sight")


def test_who_may_only_look_sees_rows_and_no_form(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/revenue?period=90d")
    person.sees("rows", ROWS)
    person.settled()
    assert person.text(ADDER) == ""
    assert "Add income" not in person.text()
    assert not person.driver.find_elements("css selector", f"{ROWS} [data-act]")


def test_a_profile_that_is_none_is_told(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?profile=nobody")
    person.sees("There is no such profile.", "main")
    person.settled()
    assert person.text("#revenue-add") == ""
    assert person.complaints() == []


def test_a_profile_without_income_says_what_will_be_here(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/revenue")
    person.sees("Nothing in this period", ROWS)
    person.settled()
    assert person.text("#revenue-pending") == ""
    person.sees("No affiliate income in this period", "#revenue-affiliate")
    assert person.complaints() == []


def test_a_pending_sale_without_a_rate_is_named_and_not_added_up(person: Person, world: World) -> None:
    day = now() - timedelta(days=300)
    sale = {"type": "booking", "amount": "500", "currency": "XAF", "status": "pending"}
    with world.stores.database.transaction() as tx:
        batch = [Transaction(profile_id=world.other.profile_id, transaction_date=day, **sale)]
        transactions.record(tx, world.other, batch, now())
    person.sign_in("charlie")
    person.open(f"/revenue?from={day - timedelta(days=2):%Y-%m-%d}&to={day + timedelta(days=2):%Y-%m-%d}")
    person.sees("no rate, in no sum", ROWS)
    person.settled()
    person.sees("500 of income (1)", "#revenue-stats")
    assert person.text("#revenue-pending") == ""


def test_a_booking_in_yen_and_a_long_arabic_name(person: Person, world: World) -> None:
    name = "شكرا جزيلا " * 18
    sale = {"type": "booking", "amount": "30000", "donorId": "x" * 200, "description": name.strip()}
    with world.stores.database.transaction() as tx:
        batch = [Transaction(profile_id=world.other.profile_id, **sale)]
        transactions.record(tx, world.other, batch, now())
    person.narrow()
    person.sign_in("charlie")
    person.open("/revenue?period=7d")
    person.sees("¥30,000", ROWS)
    person.settled()
    assert person.run("return document.documentElement.scrollWidth") == 390
