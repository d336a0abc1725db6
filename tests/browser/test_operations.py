"""The operator's page, which others do not find, and the trail of a profile on its settings."""

import pytest

from models.clock import now
from services import accounts, audit
from services.request_metrics import Recorder
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
ACTIVITY = "#settings-activity"


def make_operator(world: World, name: str) -> None:
    with world.stores.database.transaction() as tx:
        accounts.make_operator(tx, accounts.find(tx, f"{name}@example.com").account_id, True)


def test_others_find_nothing(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.sees("Performance", "nav")
    assert "Operations" not in person.text("nav")
    person.open("/operations")
    person.sees("There is nothing at this address", "main h1")


def test_an_operator_sees_what_the_api_answers(person: Person, world: World) -> None:
    make_operator(world, "alice")
    recorder = Recorder(world.stores.database, pause=60)
    for status, took in ((200, 12.5), (200, 20), (404, 3), (500, 900)):
        recorder.note(now(), "/api/pnl/<uuid:profileId>", "GET", status, took, None)
    recorder.close()
    person.sign_in("alice")
    person.click("Operations", "nav")
    person.sees("Calls of the API per hour", "#operations-volume")
    person.settled()
    person.sees("GET /api/pnl/:profileId", "#operations-slowest")
    person.sees("25%", "#operations-failing")
    person.sees("Answers", "#operations-states")
    assert person.findings() == []
    person.click("1 hour", "#operations-window")
    person.sees("Calls of the API per minute", "#operations-volume")
    assert "window=1h" in person.driver.current_url
    person.narrow()
    person.open("/operations?window=1h")
    person.sees("Slowest", "main")
    person.settled()
    assert person.run("return document.documentElement.scrollWidth") == 390
    assert person.findings() == []
    assert person.complaints() == []


def test_an_owner_reads_the_trail_by_kind_and_page(person: Person, world: World) -> None:
    with world.stores.database.transaction() as tx:
        for number in range(25):
            audit.record(tx, world.anna.profile_id, "exported", "alice@example.com", now(), f"file {number}")
        subject, told = "Ads, 21.00 EUR", {"amount": ["20.00", "21.00"], "cost": "an id"}
        audit.record(tx, world.anna.profile_id, "cost-changed", "token x", now(), subject, told)
    person.sign_in("alice")
    person.open("/settings/activity")
    person.sees("Signed in", ACTIVITY)
    person.sees("amount: 20.00 → 21.00", ACTIVITY)
    assert "an id" not in person.text(ACTIVITY)
    person.click("Exports", ACTIVITY)
    person.misses("Signed in", ACTIVITY)
    person.click("Older", ACTIVITY)
    person.sees("Exported file 4", ACTIVITY)
    person.click("First page", ACTIVITY)
    person.sees("Exported file 24", ACTIVITY)
    assert person.findings() == []
    status, file = person.fetch(f"/api/audit/{world.anna.profile_id}/export?kind=exports")
    assert (status, file.count("Exported file")) == (200, 25)


def test_what_is_changed_stands_there_and_what_is_taken_back_at_once(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/settings/connections")
    person.settled()
    person.fill("Label", "Nightly job", "#settings-tokens")
    person.click("Make token", "#settings-tokens")
    person.click("Revoke: Nightly job", "#settings-tokens")
    person.sees("Revoked the token Nightly job")
    person.click("Activity", ".sections")
    person.sees("Made the token Nightly job", ACTIVITY)
    person.sees("Revoked the token Nightly job", ACTIVITY)
    person.undo("Revoked the token Nightly job")
    person.sees("Lets the token Nightly job hold again", ACTIVITY)


def test_a_viewer_sees_no_trail(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/settings/activity")
    person.sees("Owners of this profile read here who did what", ACTIVITY)
    assert "Signed in" not in person.text(ACTIVITY)
    assert "Activity" not in person.text(".sections")
