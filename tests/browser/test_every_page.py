"""Every page, wide and narrow, light and dark: nothing in the console, nothing from outside."""

import json

import pytest

from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
PAGES = {
    "/": "Overview",
    "/performance": "Performance",
    "/revenue": "Revenue",
    "/gifts": "Gifts",
    "/partners": "Partners",
    "/costs": "Costs",
    "/pnl": "Profit and loss",
    "/settings": "Settings",
}


def test_the_console_is_quiet_and_nothing_comes_from_outside(person: Person, world: World) -> None:
    person.sign_in("alice")
    for path, title in PAGES.items():
        person.open(f"{path}?period=90d")
        person.sees(title, "h1")
        person.settled()
        loaded = json.loads(
            str(
                person.run(
                    "return JSON.stringify(performance.getEntriesByType('resource').map((one) => one.name))"
                )
            )
        )
        assert [url for url in loaded if not url.startswith((world.url, "data:"))] == []
        assert person.complaints() == [], path


def test_on_a_phone_nothing_scrolls_sideways(person: Person, world: World) -> None:
    person.narrow()
    person.sign_in("alice")
    for path, title in PAGES.items():
        person.open(path)
        person.sees(title, "h1")
        person.settled()
        assert person.run("return document.documentElement.scrollWidth") == 390, path
    person.click("More", "nav")
    person.click("Gifts", "nav")
    person.sees("Gift revenue", "h2")


def test_the_dark_scheme_stays_and_turns_the_page_dark(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.sees("Overview", "h1")
    background = "return getComputedStyle(document.body).backgroundColor"
    light = person.run(background)
    person.run("document.getElementById('frame-theme').click()")
    person.wait.until(lambda _: person.run(background) != light)
    dark = person.run(background)
    person.open("/pnl")
    person.sees("Net profit", "main table")
    assert person.run(background) == dark


def test_an_unknown_page_leads_back(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/nowhere")
    person.sees("Performance", "nav")
    person.sees("There is nothing at this address", "main h1")
