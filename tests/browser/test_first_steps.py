"""An empty installation makes its first account and profile."""

import pytest
from dash.testing.browser import Browser

from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser


def test_account_and_profile_are_made_and_the_empty_pages_say_what_comes(
    dash_br: Browser, empty: World
) -> None:
    person = Person(dash_br, empty.url)
    person.open("/")
    person.sees("Welcome", "h1")
    person.driver.find_element("name", "email").send_keys("mia@example.com")
    person.driver.find_element("name", "password").send_keys("short")
    person.driver.find_element("name", "name").send_keys("Mia")
    person.driver.find_element("css selector", "form button[type=submit]").click()
    person.sees("A password has 10 to 200 characters.")
    assert [line for line in person.complaints() if " 422 " not in line] == []
    person.driver.find_element("name", "password").send_keys("a long password")
    person.driver.find_element("css selector", "form button[type=submit]").click()
    person.sees("Overview", "h1")
    person.sees("No income and no costs in this period", "main")
    for page, nothing in (
        ("/revenue", "No "), ("/gifts", "No "), ("/costs", "No costs in this period"), ("/pnl", "Net profit"),
    ):  # fmt: skip
        person.open(page)
        person.sees(nothing, "main")
    assert person.complaints() == []
    person.open("/welcome")
    person.misses("Your account", "main")
