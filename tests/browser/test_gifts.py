"""Gifts: through all donors page by page, and the page shows what REST answers."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from components.format import Format
from components.places import country
from models.clock import now
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.metrics.metric import Unit
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
DONORS = "#gifts-donors"
LONG = "مانح " * 40


@pytest.fixture(scope="module")
def world(world: World) -> World:
    """The same; 119 people have given to Carl, who reports in yen, and some of them came by his profile."""
    who: dict[str, Any] = {"profile_id": world.other.profile_id}
    gifts = [
        Transaction(
            **who,
            type="gift",
            amount=str(20 + 7 * number),
            date=now() - timedelta(days=1 + number % 40, minutes=number),
            donorId=f"giver-{number:03}" if number else LONG,
            category=("roses", "wine")[number % 2],
            country=("jp", "kr", None)[number % 3],
        )
        for number in [*range(119), *range(0, 119, 4)]
    ]
    at = now() - timedelta(days=2)
    targets = {"gift-catalog": 30, "gift:rose": 12, "gift-checkout": 6}
    seen = [Event(**who, event_type="view", timestamp=at, visitor_id=f"v{number}") for number in range(60)]
    seen += [
        Event(**who, event_type="click", timestamp=at, visitor_id=f"v{number}", target=target)
        for target, people in targets.items()
        for number in range(people)
    ]
    with world.stores.database.transaction() as tx:
        transactions.record(tx, world.other, gifts, now())
    events.store(world.stores, seen, now())
    return world


def test_through_the_donors_and_back(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/gifts?period=90d")
    person.sees("1 – 50 of 119", DONORS)
    person.settled()
    listed = donors(person, world)
    assert shown(person) == listed[:50]
    person.run("for (const box of document.querySelectorAll('main .box > *')) box.dataset.seen = 'yes'")

    person.run("window.scrollTo(0, document.documentElement.scrollHeight)")
    person.click("Next", DONORS)
    person.sees("51 – 100 of 119", DONORS)
    top = "return document.querySelector('#gifts-donors .card').getBoundingClientRect().top"
    assert 0 <= person.run(top) < 200, "the new page is not read from its beginning"
    assert shown(person) == listed[50:100]
    person.click("Next", DONORS)
    person.sees("101 – 119 of 119", DONORS)
    assert shown(person) == listed[100:]
    assert person.run("return document.querySelector('#gifts-donors .pager button:last-child').disabled")
    drawn = "return [...document.querySelectorAll('main .box > *')].filter((one) => one.dataset.seen).length"
    assert person.run(drawn) == 5, "turning the page has drawn the other boxes anew"

    address = person.driver.current_url
    person.driver.back()
    person.sees("51 – 100 of 119", DONORS)
    person.click("Previous", DONORS)
    person.sees("1 – 50 of 119", DONORS)
    assert shown(person) == listed[:50]
    person.driver.get(address)
    person.sees("101 – 119 of 119", DONORS)
    person.click("First", DONORS)
    person.sees("1 – 50 of 119", DONORS)
    assert person.complaints() == []


def test_the_file_has_every_donor(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/gifts?period=90d")
    person.sees("All as CSV", DONORS)
    link = str(person.run("return document.querySelector('#gifts-donors a').getAttribute('href')"))
    status, text = person.fetch(link)
    assert status == 200
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [
        donor["donorId"] for donor in answers(person, world)
    ]


def test_the_groups_and_the_funnel_are_those_of_rest(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/gifts?period=90d")
    person.settled()
    fmt = Format.of("en-US")
    _, text = person.fetch(f"{address(world)}/donors?period=90d")
    found = json.loads(text)["demographics"]
    kinds = person.text("#gifts-people li")
    assert f"New donors\nGave for the first time ever.\n{found['new']}" in kinds
    assert f"Had given before.\n{found['returning']}" in kinds
    assert fmt.value(found["topTenShare"], Unit.RATIO) in kinds
    groups = [row[1] for row in rows(person, "#gifts-people")]
    assert groups == [
        "hidden" if each["donors"] is None else str(each["donors"])
        for each in (*found["bands"], *found["countries"])
    ]
    assert sum(each["donors"] for each in found["countries"]) == 119
    names = [row[0] for row in rows(person, "#gifts-people")][4:]
    assert names == [country(each["country"] or "") for each in found["countries"]]

    _, text = person.fetch(f"{address(world)}/summary?period=90d")
    steps = json.loads(text)["funnel"]
    assert [step["visitors"] for step in steps] == [60, 30, 12, 6, 119]
    assert rows(person, "#gifts-funnel") == [
        [
            step["label"],
            str(step["visitors"]),
            str(step["count"]),
            ("" if step is steps[-1] else fmt.value(step["onward"], Unit.RATIO)),
        ]
        for step in steps
    ]
    assert person.complaints() == []


def test_a_period_without_gifts_says_what_comes(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.open("/gifts?from=2001-01-01&to=2001-01-31")
    person.settled()
    for box, sentence in (
        ("gifts-chart", "Gifts appear here as soon as your platform sends them"),
        ("gifts-categories", "once gifts come with a category"),
        ("gifts-funnel", "as soon as your platform sends views, clicks on gifts, and purchases"),
        ("gifts-people", "once gifts come with their giver"),
        ("gifts-donors", "once gifts come with their giver"),
    ):
        person.sees(sentence, f"#{box}")
    assert person.complaints() == []


def address(world: World) -> str:
    return f"/api/gift-analytics/{world.other.profile_id}"


def answers(person: Person, world: World) -> list[dict[str, Any]]:
    """Every donor as REST has them, page by page."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        _, text = person.fetch(f"{address(world)}/donors?period=90d&limit=40{after}")
        page = json.loads(text)
        found += page["donors"]
        if page["nextCursor"] is None:
            return found
        after = f"&cursor={quote(page['nextCursor'])}"


def donors(person: Person, world: World) -> list[list[str]]:
    """What the table has to say of each of them."""
    return [
        [donor["donorId"].strip(), f"¥{int(donor['total']):,}", str(donor["gifts"])]
        for donor in answers(person, world)
    ]


def shown(person: Person) -> list[list[str]]:
    return [row[:3] for row in rows(person, DONORS)]


def rows(person: Person, within: str) -> list[list[str]]:
    """The cells of all tables there, without their heads."""
    found: list[list[str]] = person.run(
        """return [...document.querySelectorAll(arguments[0] + " tbody tr")]
             .map((row) => [...row.cells].map((cell) => cell.innerText.trim()));""",
        within,
    )
    return found
