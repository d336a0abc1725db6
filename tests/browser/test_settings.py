"""The settings: what an owner changes, and what nobody else can."""

import json
from datetime import date

import pytest
from dash.testing.browser import Browser
from sqlalchemy import func, select, update

from models.clock import now
from models.schema import profile_performance
from services import accounts, costs, jobs, profiles, rollups
from services.imports import ledger
from services.ingest.inputs import Cost
from services.retention import runs
from services.retention.task import Counts
from tests.browser.conftest import PASSWORD, Person, World

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker")]
PROFILE, MEMBERS, TOKENS = "#settings-profile", "#settings-members", "#settings-tokens"
TASKS, PRIVACY = "#settings-tasks", "#settings-privacy"
PLACE, IMPORTS, ACCOUNT, SECRET = "#settings-place", "#settings-imports", "#settings-account", ".secret"
SHOWN = f"{SECRET} .copy-text"
OFFERED = {
    "Account": "Change password\nSign out everywhere\nTurn on",
    "Connections": "",
    "Data": "",
    "Privacy": "",
}
"""The buttons that a viewer finds on the other pages."""


@pytest.fixture
def owner(person: Person) -> Person:
    """Alice at the settings of Anna."""
    person.sign_in("alice")
    person.open("/settings")
    person.settled()
    return person


def test_each_page_is_a_link_away_and_keeps_whose_settings_they_are(owner: Person, world: World) -> None:
    """Wide and on a phone; the frame shows that one is still at the settings."""
    owner.open(f"/settings?profile={world.anna.profile_id}&period=7d")
    for part in ("Account", "Connections", "Data", "Privacy", "Activity", "Profile"):
        if part == "Data":
            owner.narrow()
        owner.click(part, ".sections")
        owner.wait.until(lambda _, part=part: owner.text(".sections [aria-current]") == part)
        owner.settled()
        assert f"profile={world.anna.profile_id}&period=7d" in owner.driver.current_url
        assert (
            owner.run("return document.querySelector('.more .choice[aria-current]').textContent")
            == "Settings"
        )
    assert owner.driver.title.startswith("Settings")
    owner.driver.back()
    owner.wait.until(lambda _: owner.text(".sections [aria-current]") == "Activity")
    assert owner.driver.title.startswith("Activity")
    assert owner.complaints() == []


def role_of(world: World, email: str) -> str | None:
    """The role that somebody has on Anna's profile."""
    with world.stores.database.transaction() as tx:
        found = accounts.members(tx, world.anna.profile_id)
    return next((each.role for each in found if each.email == email), None)


def test_a_new_name_shows_in_the_switcher_at_once(owner: Person, world: World) -> None:
    owner.fill("Name", "Anna Lind", PROFILE)
    owner.click("Save profile", PROFILE)
    owner.sees("Anna Lind", "#frame-profile")
    owner.click("Profile and account", "header")
    owner.sees("Anna Lind", "#frame-profiles")
    owner.fill("Name", " ", PROFILE)
    owner.enter("Name", PROFILE)
    owner.sees("A name has 1 to 200 characters.", PROFILE)
    owner.undo("The profile is saved")
    owner.wait.until(lambda _: owner.text("#frame-profile") == "Anna")
    owner.wait.until(lambda _: owner.run(f"return document.querySelector('{PROFILE} input').value") == "Anna")
    assert f"profile={world.anna.profile_id}" in owner.driver.current_url
    assert profiles.find(world.stores.database, world.anna.profile_id).name == "Anna"
    assert owner.complaints() == []


def test_own_sites_are_kept_as_hosts_beside_the_snippet_for_them(owner: Person, world: World) -> None:
    shown = owner.text("#settings-tracker .copy-text")
    assert f'src="{world.url}/track.js"' in shown
    assert world.anna.public_key in shown
    owner.fill("Own sites", "Anna.Example", PROFILE)
    owner.click("Save profile", PROFILE)
    owner.sees("The profile is saved.")
    assert profiles.find(world.stores.database, world.anna.profile_id).own_hosts == ("anna.example",)


def choose(person: Person, label: str, option: str, within: str) -> None:
    """Searches a list by what is typed, and takes what is found."""
    person.fill(label, "", within)
    field = person.run(
        """return [...document.querySelectorAll(`${arguments[0]} label`)]
             .filter((one) => one.innerText === arguments[1])
             .map((one) => document.getElementById(one.htmlFor))[0]""",
        within,
        label,
    )
    field.click()
    person.run("arguments[0].select()", field)
    field.send_keys(option)
    person.wait.until(
        lambda _: person.run(
            """const found = [...document.querySelectorAll("[role=option]")]
                 .find((one) => one.innerText.includes(arguments[0]) && one.getClientRects().length);
               found?.click(); return Boolean(found);""",
            option,
        )
    )


def test_another_currency_counts_everything_again(owner: Person, world: World) -> None:
    address = f"/api/revenue/{world.anna.profile_id}/summary?period=90d"
    before = json.loads(owner.fetch(address)[1])
    assert before["currency"] == "EUR"
    owner.sees("counts every day and sum again; this takes about a minute. Nothing is lost.", PLACE)
    choose(owner, "Currency", "USD", PLACE)
    choose(owner, "Time zone", "Asia/Kathmandu", PLACE)
    owner.click("Change", PLACE)
    owner.sees("Everything is counted again: days and sums are those of Asia/Kathmandu, USD.")
    owner.sees("Change", PLACE)
    after = json.loads(owner.fetch(address)[1])
    assert (after["currency"], after["period"]["timezone"]) == ("USD", "Asia/Kathmandu")
    owner.click("Profile and account", "header")
    owner.sees("USD · Asia/Kathmandu", "#frame-profiles")
    assert owner.complaints() == []


def test_a_new_member_signs_in_and_sees_the_profile_without_the_means_to_change_it(
    owner: Person, world: World
) -> None:
    owner.fill("E-mail", "no address", MEMBERS)
    owner.click("Add member", MEMBERS)
    owner.sees("'no address' is not an e-mail address.", MEMBERS)
    owner.fill("E-mail", "dora@example.com", MEMBERS)
    owner.click("Add member", MEMBERS)
    owner.sees("dora@example.com", MEMBERS)
    owner.sees("The password of dora@example.com", SECRET)
    password = owner.text(SHOWN)
    owner.click("Save profile", PROFILE)
    owner.sees("The profile is saved.")
    owner.wait.until(lambda _: "profile=" in owner.driver.current_url)
    assert owner.text(SHOWN) == password

    owner.driver.delete_all_cookies()
    owner.sign_in("dora", password)
    owner.open("/settings")
    owner.sees("Anna", "#frame-profile")
    owner.settled()
    assert owner.run("return document.querySelectorAll('main [data-act], main .secret').length") == 0
    assert owner.text("main .button") == "Copy"
    for path, left in OFFERED.items():
        owner.click(path, ".sections")
        owner.sees(path, ".sections [aria-current]")
        owner.settled()
        assert owner.run("return document.querySelectorAll('main [data-act], main .secret').length") == 0
        assert owner.text("main .button") == left, path
    assert "Activity" not in owner.text(".sections")
    act = {"page": "settings", "profile": str(world.anna.profile_id)}
    with world.stores.database.transaction() as tx:
        alice = accounts.find(tx, "alice@example.com").account_id
    for asked in (
        {"do": "remove", "account": str(alice)},
        {"do": "role", "account": str(alice), "role": "viewer"},
        {"do": "rename", "name": "Dora", "hosts": []},
    ):
        owner.run("dash_clientside.set_props('act', {data: arguments[0]})", act | asked)
        owner.sees("This needs the scope admin")
    assert role_of(world, "alice@example.com") == "owner"
    assert profiles.find(world.stores.database, world.anna.profile_id).name == "Anna"


def test_roles_are_changed_and_taken_back_but_the_last_owner_stays(owner: Person, world: World) -> None:
    owner.sees("alice@example.com", MEMBERS)
    act = {"page": "settings", "profile": str(world.anna.profile_id), "do": "remove"}
    with world.stores.database.transaction() as tx:
        act["account"] = str(accounts.find(tx, "alice@example.com").account_id)
    owner.run("dash_clientside.set_props('act', {data: arguments[0]})", act)
    owner.sees("This is the last owner. Make somebody else an owner first.")
    owner.click("Make owner: bob@example.com", MEMBERS)
    owner.sees("Make viewer", MEMBERS)
    owner.wait.until(lambda _: role_of(world, "bob@example.com") == "owner")
    owner.undo("bob@example.com is owner now")
    owner.wait.until(lambda _: role_of(world, "bob@example.com") == "viewer")
    owner.click("Remove: bob@example.com", MEMBERS)
    owner.misses("bob@example.com", MEMBERS)
    assert role_of(world, "bob@example.com") is None
    owner.undo("bob@example.com can't see this profile any more")
    owner.sees("bob@example.com", MEMBERS)
    assert role_of(world, "bob@example.com") == "viewer"
    assert role_of(world, "alice@example.com") == "owner"


def test_a_token_reads_until_it_is_revoked(owner: Person, world: World) -> None:
    owner.open("/settings/connections")
    owner.click("Make token", TOKENS)
    owner.sees("A token needs a label", TOKENS)
    owner.fill("Label", "My shop", TOKENS)
    owner.click("Make token", TOKENS)
    owner.sees("The token My shop", SECRET)
    token, address = owner.text(SHOWN), f"/api/pnl/{world.anna.profile_id}"
    assert owner.fetch(address, token=token)[0] == 200
    assert owner.fetch(f"/api/pnl/{world.other.profile_id}", token=token)[0] == 404
    owner.click("Revoke: My shop", TOKENS)
    owner.sees("Revoked", TOKENS)
    status, text = owner.fetch(address, token=token)
    assert (status, json.loads(text)["detail"]) == (401, "This token was revoked.")
    owner.undo("Revoked the token My shop")
    owner.misses("Revoked", TOKENS)
    assert owner.fetch(address, token=token)[0] == 200
    owner.open("/settings/connections")
    owner.sees("My shop", TOKENS)
    assert token not in str(owner.run("return document.documentElement.outerHTML"))


def test_an_import_is_taken_back_as_a_whole(owner: Person, world: World) -> None:
    owner.open("/settings/data")
    own = world.anna
    cost = {
        "profile_id": own.profile_id,
        "category": "tools",
        "amount": "7",
        "expense_date": date(2020, 1, 2),
    }
    spent = [Cost(**cost, description=f"Receipt {number}") for number in range(3)]
    counts = {"stored": 3, "duplicate": 1}
    with (
        ledger.importing(world.stores, own, "costs", "receipts.csv", {}, counts) as import_id,
        world.stores.database.transaction() as tx,
    ):
        costs.record(tx, own, spent, now(), import_id)
    owner.open("/settings/data")
    owner.sees("3 stored, 1 duplicate", IMPORTS)
    owner.click("Undo: receipts.csv", IMPORTS)
    owner.click("Keep: receipts.csv", IMPORTS)
    owner.click("Undo: receipts.csv", IMPORTS)
    owner.click("Take back: receipts.csv", IMPORTS)
    owner.sees("Undone", IMPORTS)
    owner.sees("Took back 3 rows of receipts.csv.")
    with world.stores.database.transaction() as tx:
        assert costs.listing(tx, own.profile_id, last=date(2020, 12, 31)) == []


def test_everything_is_counted_again_when_it_is_asked_for(owner: Person, world: World) -> None:
    owner.open("/settings/data")
    day = first_day(world)
    wrong = update(profile_performance).where(
        profile_performance.c.profile_id == world.anna.profile_id, profile_performance.c.local_date == day
    )
    with world.stores.database.transaction() as tx:
        assert tx.run(wrong.values(total_views=profile_performance.c.total_views + 7)) == 1
    owner.click("Count everything again: Anna", TASKS)
    owner.sees("1 figure was wrong and is right now.", TASKS)
    owner.sees("alice@example.com", TASKS)
    owner.click("Which ones", TASKS)
    owner.sees(f"profile_performance {day}: total_views is", TASKS)
    owner.sees("Counting everything again: 1 figure was wrong and is right now.")
    assert rollups.verify(world.stores.database, world.anna.profile_id) == []
    assert owner.findings() == []
    assert owner.complaints() == []


def test_a_task_is_seen_by_all_and_ended_by_owners(owner: Person, dash_br: Browser, world: World) -> None:
    owner.open("/settings/data")
    own = {"page": "settings", "do": "cancel", "profile": str(world.anna.profile_id)}
    with world.stores.database.transaction() as tx:
        # Another writer, whom the counting has to wait for.
        tx.lock_profile(world.anna.profile_id)
        owner.click("Count everything again: Anna", TASKS)
        owner.sees("Counting again", TASKS)
        job = jobs.listing(tx, world.anna.profile_id)[0]
        owner.open("/settings/data")
        owner.sees("Counting again", TASKS)
        owner.run("dash_clientside.set_props('act', {data: arguments[0]})", own | {"do": "rebuild"})
        owner.sees("Everything is being counted again already; wait for its end.")
        owner.driver.delete_all_cookies()
        for name, profile, sentence in (
            ("bob", world.anna, "This needs the scope admin"),
            ("charlie", world.anna, "There is no such profile."),
            ("charlie", world.other, "There is no such task."),
        ):
            owner.sign_in(name)
            owner.open("/settings/data")
            owner.settled()
            assert owner.text(f"{TASKS} [data-act]") == ("" if name == "bob" else "Count everything again")
            assert ("Counting again" in owner.text(TASKS)) == (name == "bob")
            asked = own | {"job": str(job.job_id), "profile": str(profile.profile_id)}
            owner.run("dash_clientside.set_props('act', {data: arguments[0]})", asked)
            owner.sees(sentence)
            owner.driver.delete_all_cookies()
        owner.sign_in("alice")
        owner.open("/settings/data")
        owner.click("Cancel: Counting everything again", TASKS)
        owner.sees("Counting everything again: Nothing was changed.")
    owner.sees("Cancelled", TASKS)


def first_day(world: World) -> date:
    """A day on which Anna's profile was looked at."""
    mine = profile_performance.c.profile_id == world.anna.profile_id
    with world.stores.database.transaction() as tx:
        found: date = tx.value(select(func.min(profile_performance.c.local_date)).where(mine))
    return found


def test_a_new_password_keeps_this_session_and_ends_the_others(
    owner: Person, dash_br: Browser, world: World
) -> None:
    owner.open("/settings/account")
    address = f"/api/pnl/{world.anna.profile_id}"
    elsewhere = owner.driver.get_cookie("session")
    owner.fill("Old password", "not the password", ACCOUNT)
    owner.fill("New password", "another long password", ACCOUNT)
    owner.click("Change password", ACCOUNT)
    owner.sees("The old password is another one.", ACCOUNT)
    owner.fill("Old password", PASSWORD, ACCOUNT)
    owner.click("Change password", ACCOUNT)
    owner.sees("Your password is changed.")
    assert owner.fetch(address)[0] == 200
    owner.open("/settings/account")
    owner.sees("alice@example.com", ACCOUNT)
    with world.stores.database.transaction() as tx:
        alice = accounts.find(tx, "alice@example.com")
    owner.driver.delete_all_cookies()
    owner.driver.add_cookie({"name": "session", "value": elsewhere["value"]})
    assert owner.fetch(address)[0] == 401
    accounts.change_password(world.stores, alice.account_id, "another long password", PASSWORD, "here")


def test_what_is_kept_how_long_and_what_was_done(owner: Person, world: World) -> None:
    owner.open("/settings/privacy")
    owner.sees("90 days. Then each becomes a code", PRIVACY)
    owner.sees("Nothing was due yet", PRIVACY)
    with world.stores.database.transaction() as tx:
        counts = Counts({"addresses": 1_204}, {"addresses": 0})
        runs.note(tx, world.anna.profile_id, "addresses", now(), counts)
    owner.open("/settings/privacy")
    owner.settled()
    table = owner.text(f"{PRIVACY} table")
    assert "Addresses made unreadable" in table
    assert "1,204 → 0 addresses of visits" in table
    assert owner.complaints() == []


def test_another_profiles_settings_are_not_found_and_the_own_are_changed_at_once_without_data(
    person: Person, world: World
) -> None:
    person.sign_in("charlie")
    person.open(f"/settings?profile={world.anna.profile_id}")
    person.sees("There is no such profile.", "main")
    person.settled()
    assert "Anna" not in person.text()
    assert world.anna.public_key not in str(person.run("return document.documentElement.outerHTML"))
    act = {"page": "settings", "do": "rename", "profile": str(world.anna.profile_id), "name": "Carl"}
    person.run("dash_clientside.set_props('act', {data: arguments[0]})", act | {"hosts": []})
    person.sees("There is no such profile.", ".mantine-Notifications-root")
    assert profiles.find(world.stores.database, world.anna.profile_id).name == "Anna"
    person.open("/settings")
    person.sees("There is no data yet; a change holds at once.", PLACE)
    choose(person, "Time zone", "Asia/Tokyo", PLACE)
    person.click("Change", PLACE)
    person.sees("Days and sums are those of Asia/Tokyo, JPY.")
    assert profiles.find(world.stores.database, world.other.profile_id).time_zone == "Asia/Tokyo"
