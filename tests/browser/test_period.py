"""A change of period changes the URL, the figures, and nothing else."""

import json
import re
from datetime import timedelta

import pytest

from models.clock import now
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser


def views_by_rest(person: Person, world: World, query: str) -> int:
    _, text = person.fetch(f"/api/profile-analytics/{world.anna.profile_id}/overview?{query}")
    return int(json.loads(text)["views"])


def shown(person: Person, label: str) -> int:
    return int(re.sub(r"\D", "", person.number(label)))


def test_figures_follow_the_period_and_agree_with_the_api(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.sees("Views", "h2")
    month = views_by_rest(person, world, "period=30d")
    person.wait.until(lambda _: shown(person, "Views") == month)
    person.click("Period and comparison", "header")
    person.click("Last 7 days", "header")
    week = views_by_rest(person, world, "period=7d")
    assert week < month
    person.wait.until(lambda _: shown(person, "Views") == week)
    assert "period=7d" in person.driver.current_url
    person.driver.back()
    person.wait.until(lambda _: shown(person, "Views") == month)
    today = world.anna.local_date(now())
    custom = f"from={today - timedelta(days=70)}&to={today - timedelta(days=41)}"
    person.open(f"/?{custom}")
    then = views_by_rest(person, world, custom)
    assert 0 < then != month
    person.wait.until(lambda _: shown(person, "Views") == then)


def test_a_range_that_cannot_be_is_said_in_the_page(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/?from=2026-03-31&to=2026-03-01")
    person.sees("The range ends (2026-03-01) before it begins (2026-03-31).", "main")


def test_going_on_to_another_page_keeps_the_period(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/?period=90d")
    person.sees("Views", "h2")
    person.click("Revenue", "nav")
    person.sees("Net revenue", "h2")
    assert "period=90d" in person.driver.current_url


def test_a_click_on_a_source_shows_its_visits_alone(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/performance?period=90d")
    person.sees("Instagram", "#performance-sources")
    person.click("Instagram", "#performance-sources")
    person.sees("Only Instagram", "main")
    part = views_by_rest(person, world, "period=90d&referrer=Instagram")
    person.wait.until(lambda _: shown(person, "Views") == part)
    assert "referrer=Instagram" in person.driver.current_url
    person.click("Phone", "#performance-devices")
    person.sees("Only Phone", "main")
    assert "referrer" not in person.driver.current_url, "one at a time"
    person.click("Show all visits", "main")
    whole = views_by_rest(person, world, "period=90d")
    assert whole > part
    person.wait.until(lambda _: shown(person, "Views") == whole)
    person.click("Revenue", "nav")
    person.sees("Net revenue", "h2")
    assert "device" not in person.driver.current_url
