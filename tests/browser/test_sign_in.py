"""Signing in and out."""

import pytest

from services import costs
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_said_and_the_right_one_leads_on(person: Person, world: World) -> None:
    person.open("/gifts?period=7d")
    assert "/sign-in?next=" in person.driver.current_url
    person.sign_in("alice", "not the password")
    person.sees("This e-mail and password don't go together.")
    person.driver.find_element("name", "email").clear()
    person.sign_in("alice")
    person.sees("Gift revenue", "h2")
    assert person.driver.current_url.endswith("/gifts?period=7d")


def test_signing_out_closes_the_pages(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.sees("Overview", "h1")
    person.click("Profile and account", "header")
    person.click("Sign out", "header")
    person.sees("Sign in", "h1")
    person.open("/pnl")
    person.sees("Sign in", "h1")
    status, _ = person.fetch("/_dash-update-component", "POST", {"output": "costs-lead.children"})
    assert status == 401


def test_signing_out_everywhere_ends_what_others_hold(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.sees("Overview", "h1")
    (copied,) = (each for each in person.driver.get_cookies() if each["name"] == "session")
    person.open("/settings/account")
    person.settled()
    person.click("Sign out everywhere", "#settings-account")
    person.sees("Sign in", "h1")
    person.driver.add_cookie(copied)
    person.open("/pnl")
    person.sees("Sign in", "h1")


def test_another_persons_profile_is_not_found(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.sees("Overview", "h1")
    for page in ("/", "/revenue", "/gifts", "/costs", "/pnl"):
        person.open(f"{page}?profile={world.anna.profile_id}")
        person.sees("There is no such profile.", "main")
        assert "Anna" not in person.text()


def test_a_viewer_sees_the_costs_and_changes_none(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/costs?period=90d")
    person.sees("Tools 2", "main")
    assert "Add a cost" not in person.text()
    assert person.run("return document.querySelectorAll('main [data-act]').length") == 0
    with world.stores.database.transaction() as tx:
        cost, *others = costs.listing(tx, world.anna.profile_id)
    act = {
        "page": "costs", "do": "delete", "cost": str(cost.cost_id), "profile": str(world.anna.profile_id),
    }  # fmt: skip
    person.run("dash_clientside.set_props('act', {data: arguments[0]})", act)
    person.sees("costs:write")
    with world.stores.database.transaction() as tx:
        assert costs.listing(tx, world.anna.profile_id) == [cost, *others]
    body = {
        "profileId": str(world.anna.profile_id), "category": "tools", "description": "Not mine",
        "amount": "5", "date": "2026-11-01",
    }  # fmt: skip
    assert person.fetch("/api/costs", "POST", body)[0] == 403
