"""Costs are kept in place, and profit follows."""

import json
from decimal import Decimal

import pytest

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
    cells: list[str] = person.run(  # type: ignore[assignment]
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
    person.click("Add cost", ADDER)
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
