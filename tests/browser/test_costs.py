"""Costs are kept in place, and profit follows."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from selenium.webdriver.common.keys import Keys

from models.clock import now
from models.ids import derived_id
from services import costs
from services.ingest.inputs import Cost
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
ADDER, ENTRIES, TOASTS = "#costs-adder", "#costs-entries", "body"


def profit(person: Person, world: World) -> Decimal:
    """Net profit of the month to date by REST; the page must show the same."""
    _, text = person.fetch(f"/api/pnl/{world.anna.profile_id}?period=mtd")
    return Decimal(json.loads(text)["netProfit"])


def page_profit(person: Person) -> str:
    person.open("/pnl?period=mtd")
    person.sees("Net profit", "main table")
    cells: list[str] = person.run(
        """for (const row of document.querySelectorAll("main table tr")) {
             const cells = [...row.cells].map((cell) => cell.innerText.trim());
             if (cells[0] === "Net profit") return cells;
           }"""
    )
    return " ".join(cells)


def test_add_edit_delete_and_undo_move_the_profit(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/costs?period=mtd")
    person.sees("Add a cost", "main")
    before = profit(person, world)

    person.fill("Description", "New lamp", ADDER)
    person.fill("Amount", "abc", ADDER)
    person.click("Add cost", ADDER)
    person.sees("The amount is missing or not a number", ADDER)
    assert profit(person, world) == before

    person.fill("Amount", "120.40", ADDER)
    person.enter("Amount", ADDER)
    person.sees("New lamp", ENTRIES)
    assert profit(person, world) == before - Decimal("120.40")
    assert f"{abs(before - Decimal('120.40')):,.2f}" in page_profit(person)

    person.open("/costs?period=mtd")
    person.sees("New lamp", ENTRIES)
    person.click("Edit New lamp", ENTRIES)
    person.fill("Amount", "20.40", ENTRIES)
    person.click("Save", ENTRIES)
    person.sees("20.40", ENTRIES)
    person.wait.until(lambda _: profit(person, world) == before - Decimal("20.40"))

    person.click("Delete New lamp", ENTRIES)
    person.misses("New lamp", ENTRIES)
    assert profit(person, world) == before
    person.undo("Deleted New lamp")
    person.sees("New lamp", ENTRIES)
    person.wait.until(lambda _: profit(person, world) == before - Decimal("20.40"))
    person.click("Delete New lamp", ENTRIES)
    person.misses("New lamp", ENTRIES)
    assert person.complaints() == []


@pytest.fixture
def many(world: World) -> str:
    """The address of a period with 120 costs: 60 lamps for tools, 60 campaigns for marketing."""
    first = date(2020, 1, 1)
    spent = [
        Cost(
            profile_id=world.anna.profile_id,
            id=derived_id("many", str(number)),
            category=("tools", "marketing")[number % 2],
            description=("Lamp", "Campaign")[number % 2] + f" {number:03}",
            channel=None if number % 2 == 0 else "Instagram",
            amount="2.50",
            expense_date=first + timedelta(days=number),
        )
        for number in range(120)
    ]
    with world.stores.database.transaction() as tx:
        costs.record(tx, world.anna, spent, now())
    return "/costs?from=2020-01-01&to=2020-12-31"


def search(person: Person, words: str) -> None:
    """Types into the search field."""
    field = person.driver.find_element("css selector", ".find input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(words)


MARK = """
for (const card of document.querySelectorAll("#costs-stats > *, #costs-chart > *, #costs-adder > *"))
  card.dataset.stays = "yes";
"""
STAYS = "return document.querySelectorAll('[data-stays]').length"


def test_search_filter_and_pages_redraw_the_entries_alone(person: Person, world: World, many: str) -> None:
    person.sign_in("alice")
    person.open(many)
    person.sees("120 entries, €300.00", ENTRIES)
    person.settled()
    person.run(MARK)

    person.click("Next page", ENTRIES)
    person.sees("First page", ENTRIES)
    person.sees("Lamp 068", ENTRIES)
    assert "Lamp 070" not in person.text(ENTRIES)
    person.click("Next page", ENTRIES)
    person.sees("Lamp 000", ENTRIES)
    assert "Next page" not in person.text(ENTRIES)

    search(person, "lamp")
    person.sees("60 entries, €150.00", ENTRIES)
    search(person, "insta campaign 01")
    person.sees("7 entries, €17.50", ENTRIES)
    assert "q=insta" in person.driver.current_url
    person.click("Tools", ENTRIES)
    person.sees("Nothing found", ENTRIES)
    person.click("All", ENTRIES)
    person.sees("7 entries", ENTRIES)
    search(person, "nowhere")
    person.click("Show all", ENTRIES)
    person.sees("120 entries", ENTRIES)
    person.wait.until(lambda _: person.run("return document.querySelector('.find input').value") == "")
    assert person.run(STAYS) == 3
    person.driver.back()
    person.sees("Nothing found", ENTRIES)
    assert person.complaints() == []


def test_a_link_leads_to_the_rows_of_a_category(person: Person, world: World, many: str) -> None:
    person.sign_in("alice")
    person.open(f"{many}&category=tools&q=lamp#rows")
    person.sees("60 entries, €150.00", ENTRIES)
    person.settled()
    person.wait.until(
        lambda _: person.run("return document.getElementById('rows').getBoundingClientRect().top < 200")
    )
    assert person.run("return document.querySelector('.find input').value") == "lamp"
    status, file = person.fetch(
        str(person.run(f"return document.querySelector('{ENTRIES} a[download]').getAttribute('href')"))
    )
    assert status == 200
    assert file.count("Lamp") == 60
    assert "Campaign" not in file
    person.open("/costs?category=food")
    person.sees("There is no category 'food'", ENTRIES)
    person.sees("Add a cost", "main")


def test_a_cost_comes_again(person: Person, world: World, many: str) -> None:
    person.sign_in("alice")
    person.open(f"{many}&q=Lamp+118")
    person.click("Repeat Lamp 118", ENTRIES)
    person.sees("Lamp 118 stands in the form above", TOASTS)
    person.click("Add cost", ADDER)
    person.sees("Added Lamp 118, €2.50.", TOASTS)
    person.open("/costs?period=7d&q=Lamp+118")
    person.sees("1 entry, €2.50", ENTRIES)
    person.click("Delete Lamp 118", ENTRIES)
    person.sees("Nothing found", ENTRIES)


def test_an_unknown_action_changes_nothing(person: Person, world: World, many: str) -> None:
    person.sign_in("alice")
    person.open(many)
    person.sees("120 entries", ENTRIES)
    act = json.loads(str(person.run(f"return document.querySelector('{ENTRIES} [data-act]').dataset.act")))
    person.act(**{**act, "do": "drop"})
    person.sees("There is no such action.")
    person.open(many)
    person.sees("120 entries, €300.00", ENTRIES)


def test_a_viewer_reads_and_searches(person: Person, world: World, many: str) -> None:
    person.sign_in("bob")
    person.open(many)
    person.sees("120 entries", ENTRIES)
    person.settled()
    search(person, "campaign")
    person.sees("60 entries", ENTRIES)
    assert person.run("return document.querySelectorAll('main .row-actions button').length") == 0
    for offer in ("Add a cost", "Import a file"):
        assert offer not in person.text("main")
