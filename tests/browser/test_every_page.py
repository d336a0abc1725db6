"""Every page, wide and narrow, light and dark: nothing in the console, nothing from outside, and axe-core
finds nothing serious."""

import json

import pytest

from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
PAGES = {
    "/": "Overview",
    "/live": "Real-time",
    "/performance": "Performance",
    "/revenue": "Revenue",
    "/gifts": "Gifts",
    "/partners": "Partners",
    "/costs": "Costs",
    "/pnl": "Profit and loss",
    "/safety": "Safety",
    "/settings": "Settings",
    "/settings/account": "Settings",
    "/settings/connections": "Settings",
    "/settings/data": "Settings",
    "/settings/privacy": "Settings",
    "/settings/activity": "Settings",
}


def test_every_page(person: Person, world: World) -> None:
    """One walk, as a page takes seconds: quiet, at home, accessible, and every number explains itself."""
    person.open("/sign-in")
    assert person.findings() == []
    person.sign_in("alice")
    for path, title in PAGES.items():
        person.open(f"{path}?period=90d")
        person.sees(title, "h1")
        person.settled()
        loaded = json.loads(str(person.run(_LOADED)))
        assert [url for url in loaded if not url.startswith((world.url, "data:"))] == [], path
        assert person.run(_SILENT) == [], path
        assert person.findings() == [], path
        assert person.complaints() == [], path


def test_every_page_on_a_phone_in_the_dark(person: Person, world: World) -> None:
    person.narrow()
    person.sign_in("alice")
    person.click("Light or dark", "header")
    for path, title in PAGES.items():
        person.open(path)
        person.sees(title, "h1")
        person.settled()
        assert person.run("return document.documentElement.scrollWidth") == 390, path
        assert person.findings() == [], path
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


_LOADED = "return JSON.stringify(performance.getEntriesByType('resource').map((one) => one.name))"
_SILENT = """
return [...document.querySelectorAll(".stat:not(:has([data-explain]))")].map((one) => one.innerText);
"""
