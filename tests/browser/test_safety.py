"""Safety: the red alert arrives by itself, and is acknowledged, muted, sent elsewhere, and turned off."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dash.testing.browser import Browser
from standardwebhooks import Webhook

from models.clock import now
from models.embedded import Endpoints
from models.ids import new_id
from models.outside import Outside
from models.schema import gov_alerts, muted_networks
from services.delivery.sending import send_due
from services.ingest import events
from services.ingest.inputs import Event
from tests.browser.conftest import Person, World
from tests.judge import MINISTRY, POLICE, judging
from tests.receiver import HOOK, Receiver, receiving
from tests.served import Served

pytestmark = pytest.mark.browser
ALERTS, BADGE = "#safety-alerts", "#safety-count-link"
SENATE = "156.33.195.33"


@pytest.fixture
def charlie(person: Person, world: World) -> Person:
    """Charlie at a page that is live, without any alert so far."""
    with world.stores.database.transaction() as tx:
        for table in (gov_alerts, muted_networks):
            tx.run(table.delete().where(table.c.profile_id == world.other.profile_id))
    person.sign_in("charlie")
    person.open("/costs")
    live(person)
    person.run("window.untouched = true")
    return person


def live(person: Person) -> None:
    person.wait.until(lambda _: person.text("#frame-live [role=status]") == "Live")


def visit(world: World, ip: str, **given: Any) -> None:
    event = Event(
        profile_id=world.other.profile_id, event_type="view", ip=ip, visitor_id=str(new_id()), **given
    )
    events.store(judging(world.stores), [event], now())


def test_the_red_alert_arrives_and_is_acknowledged(charlie: Person, world: World) -> None:
    person = charlie
    assert person.text(BADGE) == ""
    visit(world, MINISTRY)
    person.wait.until(lambda _: person.text(BADGE) == "1")
    person.click("Safety", "nav")
    person.sees("Ministère de l'Intérieur", ALERTS)
    visit(world, POLICE)
    person.sees("State Police", ALERTS)
    person.wait.until(lambda _: person.text(BADGE) == "2")
    assert person.run("return window.untouched"), "the page was loaded anew"
    first = person.text(f"{ALERTS} .alert:first-child")
    for words in ("New", "Law enforcement", "81% sure", "State Police", "United States", "AS64501", POLICE):
        assert words in first
    state = person.driver.find_element("css selector", f"{ALERTS} .alert-state")
    red, green, blue = map(int, re.findall(r"\d+", state.value_of_css_property("color"))[:3])
    assert red > 2 * max(green, blue)
    person.click("Why: State Police", ALERTS)
    person.sees("The name says police.", ALERTS)
    assert person.findings() == []

    person.click("Acknowledge: State Police", ALERTS)
    person.wait.until(lambda _: person.text(BADGE) == "1")
    person.sees("Seen", f"{ALERTS} .alert:first-child")
    person.undo("1 alert is acknowledged")
    person.wait.until(lambda _: person.text(BADGE) == "2")
    person.click("Acknowledge all alerts", ALERTS)
    person.wait.until(lambda _: person.text(BADGE) == "")
    person.click("New", ALERTS)
    person.sees("Nothing new", ALERTS)
    assert person.complaints() == []


def test_a_false_alarm_mutes_its_network_until_it_is_taken_back(charlie: Person, world: World) -> None:
    person = charlie
    visit(world, MINISTRY)
    visit(world, POLICE)
    person.click("Safety", "nav")
    person.sees("State Police", ALERTS)
    assert person.number("Government visits") == "2"
    person.click("False alarm, mute this network: State Police", ALERTS)
    person.sees("Muted networks", "#safety-muted")
    person.sees("State Police", "#safety-muted")
    person.wait.until(lambda _: person.text(BADGE) == "1")
    person.wait.until(lambda _: person.number("Government visits") == "1")
    visit(world, POLICE)
    visit(world, MINISTRY)
    person.wait.until(lambda _: person.text(BADGE) == "2")
    assert person.text(ALERTS).count("State Police") == 1
    person.click("Hear of it again: State Police", "#safety-muted")
    person.misses("Muted networks", "#safety-muted")
    person.wait.until(lambda _: person.text(BADGE) == "3")


def test_on_a_phone_the_number_is_at_more(charlie: Person, world: World) -> None:
    person = charlie
    person.narrow()
    visit(world, MINISTRY)
    person.wait.until(lambda _: person.text("#safety-count-more") == "1")
    person.click("More", "nav")
    person.wait.until(lambda _: person.text("#safety-count-menu") == "1")
    person.click("Safety", "nav")
    person.sees("Ministère de l'Intérieur", ALERTS)
    assert person.run("return document.documentElement.scrollWidth") == 390


def test_who_may_only_look_has_no_buttons(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/safety")
    person.sees("Ministère de l'Intérieur", ALERTS)
    person.settled()
    assert "Acknowledge" not in person.text("main")
    assert "Also send alerts to" not in person.text("main")
    person.act(page="safety", do="see", profile=str(world.anna.profile_id))
    person.sees("scope admin")
    person.act(page="delivery", do="test", profile=str(world.other.profile_id), channel=str(new_id()))
    person.sees("There is no such profile")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as kept:
        yield kept


def test_a_webhook_is_added_tried_and_sent_to_again(
    charlie: Person, world: World, receiver: Receiver
) -> None:
    person = charlie
    sending = replace(judging(world.stores), outside=Outside(allow_http=True))
    person.click("Safety", "nav")
    person.sees("Sent nowhere else", "#delivery-channels")
    person.fill("To", "https://10.0.0.1/hook", "#delivery-channels")
    person.click("Add", "#delivery-channels")
    person.sees("10.0.0.1 is in a private network", "#delivery-channels")
    person.fill("To", HOOK, "#delivery-channels")
    person.click("Add", "#delivery-channels")
    person.sees("The secret of the webhook", "#delivery-secret")
    secret = person.text("#delivery-secret .copy-text")
    person.sees(HOOK, "#delivery-channels")
    person.click(f"Send a test: {HOOK}", "#delivery-channels")
    person.sees("On its way", "#delivery-log")
    receiver.answers = [204]
    assert send_due(sending) == 1
    person.sees("It answered 204.", "#delivery-log")
    ((_, headers, body),) = receiver.got
    assert Webhook(secret).verify(body, headers)["type"] == "test"
    person.click("Send again: Test", "#delivery-log")
    person.wait.until(lambda _: send_due(sending) == 1)
    assert receiver.got[1][1]["webhook-id"] == headers["webhook-id"]
    visit(world, POLICE)
    assert send_due(sending) == 1
    assert Webhook(secret).verify(receiver.got[2][2], receiver.got[2][1])["type"] == "gov-alert"
    person.sees("State Police", "#delivery-log")
    assert person.findings() == []
    person.click(f"Remove: {HOOK}", "#delivery-channels")
    person.sees("Sent nowhere else", "#delivery-channels")
    person.undo("Nothing is sent")
    person.sees(HOOK, "#delivery-channels")
    assert person.complaints() == []


def test_turned_off_the_page_says_so(
    dash_br: Browser, world: World, endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert endpoints.redis_url is not None
    url = world.stores.database.engine.url.render_as_string(hide_password=False)
    folder = tmp_path_factory.mktemp("off")
    with Served(url, endpoints.redis_url, folder, GOV_DETECTION_ENABLED="false") as address:
        person = Person(dash_br, address)
        person.sign_in("alice")
        person.open("/safety")
        person.sees("Government detection is off", "main")
        person.settled()
        assert person.text(BADGE) == ""
        assert "Acknowledge" not in person.text("main")
