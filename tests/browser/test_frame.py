"""The frame around the pages: profiles, comparison, steps, the phone, a session that ends."""

import pytest
from selenium.webdriver.common.keys import Keys

from models.clock import now
from services import accounts
from tests.browser.conftest import PASSWORD, Person, World

pytestmark = pytest.mark.browser


def test_another_profile_is_a_choice_away(person: Person, world: World) -> None:
    with world.stores.database.transaction() as tx:
        dora = accounts.add(tx, "dora@example.com", PASSWORD, now())
        for profile in (world.anna, world.other):
            accounts.grant(tx, dora.account_id, profile.profile_id, "viewer", now())
    person.sign_in("dora")
    person.sees("Anna", "header")
    person.settled()
    person.click("Profile and account", "header")
    person.click("Carl", "header")
    assert str(world.other.profile_id) in person.driver.current_url
    person.sees("No income and no costs in this period", "main")
    person.click("Performance", "nav")
    person.sees("No views in this period", "main")
    assert str(world.other.profile_id) in person.driver.current_url, "it stays chosen on other pages"


def test_comparison_and_steps_stand_in_the_address(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/performance?period=90d")
    person.sees("the 90 days before", "#performance-chart")
    person.click("Period and comparison", "header")
    person.click("No comparison", "header")
    person.misses("the 90 days before", "#performance-chart")
    person.click("Month", "#performance-chart")
    person.sees("Views and visitors per month", "#performance-chart")
    assert "compare=none" in person.driver.current_url
    assert "granularity=month" in person.driver.current_url
    person.driver.back()
    person.sees("Views and visitors per week", "#performance-chart")


def test_on_a_phone_the_period_is_a_sheet(person: Person, world: World) -> None:
    person.narrow()
    person.sign_in("alice")
    person.settled()
    person.click("Period and comparison", "header")
    lowest = "return Math.round(document.querySelector('.period-panel').getBoundingClientRect().bottom)"
    person.wait.until(lambda _: person.run(lowest) == 844, "the sheet stands at the bottom")
    person.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    person.click("Period and comparison", "header")
    person.click("Last 7 days", "header")
    person.sees("Last 7 days", "header")
    assert "period=7d" in person.driver.current_url


def test_a_session_that_ends_leads_back_to_where_one_was(person: Person, world: World) -> None:
    with world.stores.database.transaction() as tx:
        erin = accounts.add(tx, "erin@example.com", PASSWORD, now())
        accounts.grant(tx, erin.account_id, world.anna.profile_id, "viewer", now())
    person.sign_in("erin")
    person.open("/revenue?period=90d")
    person.sees("Net revenue", "h2")
    with world.stores.database.transaction() as tx:
        accounts.set_password(tx, erin.account_id, "another long password")
    person.click("Costs", "nav")
    person.wait.until(lambda driver: "/sign-in?next=" in driver.current_url)
    person.sign_in("erin", "another long password")
    person.sees("Costs", "h1")
    assert "period=90d" in person.driver.current_url
