"""Partners: who shares bookings, what it brings, and who fades."""

import csv
import io
import json
import re

import pytest

from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
LIST = "#partners-list"


def test_partners_are_compared_and_the_fading_one_is_named(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.click("Partners", "nav")
    person.sees("Partners", "h1")
    person.sees("Best partner: noa. Fading: elif.", "#partners-lead")
    person.sees("Shared revenue per week", "h2")
    person.settled()
    _, text = person.fetch(f"/api/duo-referrals/{world.anna.profile_id}?period=90d")
    noa, elif_ = json.loads(text)["partners"]
    assert (noa["partnerId"], noa["best"], noa["fading"]) == ("noa", True, False)
    assert (elif_["partnerId"], elif_["fading"]) == ("elif", True)
    rows = cells(person)
    first, second = rows["noa"], rows["elif"]
    assert first[:4] == ["noa\nBest", str(noa["bookings"]), f"€{noa['revenue']}", f"€{noa['share']}"]
    assert first[4] == "60% : 40%"
    # The clocks were put back meanwhile: late in the evening the last booking's day is one later.
    assert re.fullmatch("elif\nFading: last booking (79|80) days ago, usually every 24 days", second[0])
    link = "return document.querySelector('#partners-list a[download]').getAttribute('href')"
    _, file = person.fetch(str(person.run(link)))
    exported = {row["partnerId"]: row for row in csv.DictReader(io.StringIO(file))}
    assert exported["noa"]["share"] == noa["share"]
    assert exported["elif"]["fading"] == "yes"

    person.open("/partners?period=7d&compare=none")
    person.settled()
    assert cells(person).keys() == {"noa"}
    person.open("/partners?period=all")
    person.sees("usually every 24 days", LIST)
    assert person.complaints() == []


def test_on_a_phone_the_table_fits(person: Person, world: World) -> None:
    person.narrow()
    person.sign_in("bob")
    person.open("/partners")
    person.sees("usually every 24 days", LIST)
    fits = "const box = document.querySelector('#partners-list .table-scroll');"
    assert person.run(f"{fits} return box.scrollWidth <= box.clientWidth")
    assert person.run("return document.documentElement.scrollWidth") == 390


def test_without_partners_the_page_says_how_they_come(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/partners")
    person.sees("No shared bookings in this period", "main")
    person.sees("No partners in this period", "main")
    person.sees("Bookings that your platform sends with a partner", "main")
    assert person.complaints() == []


def cells(person: Person) -> dict[str, list[str]]:
    """The rows of the table by partner."""
    found: list[list[str]] = person.run(
        """return [...document.querySelectorAll("#partners-list tbody tr")].map(
             (row) => [...row.cells].map((cell) => cell.innerText.trim()));"""
    )
    return {row[0].split("\n")[0]: row for row in found}
