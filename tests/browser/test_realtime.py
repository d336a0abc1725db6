"""Real-time: what happens elsewhere appears without a reload, is kept through a pause and a lost connection,
and stays readable however much of it there is."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from models.clock import now
from models.feed import Post
from models.ids import new_id
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.live.message import GOV_ALERT, PROFILE_VIEW, Message, instant
from services.live.outbox import committing
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
ROWS = ".events"
STATE = "#frame-live [role=status]"
EVIL = "<img src=x onerror=document.title='taken'>"
MOST = 300


@pytest.fixture
def watching(person: Person, world: World) -> Person:
    """Charlie looks at a page on which nothing has happened yet."""
    world.stores.redis.delete(*(world.stores.redis.keys(f"live:{{{world.other.profile_id}}}*") or ["-"]))
    person.sign_in("charlie")
    person.open("/live")
    person.settled()
    live(person)
    return person


def test_what_happens_appears_and_is_there_after_a_reload(watching: Person, world: World) -> None:
    person = watching
    person.sees("Nothing to show yet", "main")
    person.run("window.untouched = true")
    before = int(person.text("#realtime-views"))
    view(world, ip="203.0.113.7", country="JP", referrer="https://www.instagram.com/")
    view(world, ip="2001:db8::7")
    person.click("Show as a table", "#realtime-minutes")
    person.wait.until(lambda _: minutes(person) == 2, "the chart holds the two views")
    sell(world, "gift", amount="1500", itemName=EVIL, category="roses")
    sell(world, "booking", amount="99.50", currency="EUR", partnerId="noa")
    sell(world, "subscription", amount="900", interval="month")
    tell(world, PROFILE_VIEW, ip="198.51.100.9", isGov=True, organization="Ministry of Works")
    tell(world, GOV_ALERT, ip="198.51.100.9", confidence=0.92, organization="Ministry of Works", country="GB")
    for words in (
        "203.0.113.7 Japan · Instagram", "2001:db8::7", f"Gift {EVIL} roses ¥1,500",
        "Booking with noa €99.50", "Subscription every month ¥900", "Government visit 198.51.100.9",
        "Ministry of Works · United Kingdom · 92% sure", "View 198.51.100.9 Government Ministry of Works",
    ):  # fmt: skip
        person.wait.until(lambda _, words=words: words in " ".join(person.text(ROWS).split()), words)
    person.wait.until(lambda _: int(person.text("#realtime-views")) == before + 2)
    person.wait.until(lambda _: person.text("#realtime-last5") == "2")
    assert person.text("#realtime-last30") == "2"
    person.sees("Government visit", "#realtime-said")
    assert person.run("return window.untouched"), "the page was loaded anew"
    assert person.findings() == []

    rows = person.text(ROWS)
    person.driver.refresh()
    person.settled()
    person.wait.until(lambda _: person.text(ROWS) == rows, "the same rows are there again")
    assert person.driver.title != "taken"
    assert person.complaints() == []


@pytest.mark.usefixtures("worker")
def test_what_a_platform_puts_on_its_stream_appears(watching: Person, world: World) -> None:
    gift = {
        "id": str(new_id()),
        "type": "gift.purchased",
        "occurredAt": now().isoformat(),
        "data": {
            "profileId": str(world.other.profile_id), "giftId": "g-9", "giftName": "A lantern",
            "category": "lights", "amount": "2500", "currency": "JPY", "donorId": "kai",
        },
    }  # fmt: skip
    watching.run("window.untouched = true")
    world.stores.redis.xadd("domain-events", {"event": json.dumps(gift)})
    watching.wait.until(lambda _: "Gift A lantern lights ¥2,500" in " ".join(watching.text(ROWS).split()))
    assert watching.run("return window.untouched"), "the page was loaded anew"


def test_a_pause_keeps_what_comes_meanwhile(watching: Person, world: World) -> None:
    person = watching
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    person.click("Pause")
    person.wait.until(lambda _: state(person) == "List paused")
    for last in range(2, 5):
        view(world, ip=f"203.0.113.{last}", timestamp=now() - timedelta(seconds=30 * last))
    person.sees("3 new", ".stream-tools")
    assert len(rows(person)) == 1
    person.click("Resume")
    person.wait.until(lambda _: len(rows(person)) == 4)
    person.misses("new", ".stream-tools")
    assert state(person) == "Live"
    person.click("Pause")
    person.click("Overview", "nav")
    person.wait.until(lambda _: state(person) == "Live", "another page is not paused")


def test_nothing_moves_while_one_reads(watching: Person, world: World) -> None:
    person = watching
    for last in range(40):
        view(world, ip=f"203.0.113.{last}", timestamp=now() - timedelta(minutes=1, seconds=last))
    person.wait.until(lambda _: len(rows(person)) == 40)
    person.run("document.querySelector('.events').scrollTop = 200")
    person.wait.until(lambda _: person.run("return document.querySelector('.events').scrollTop") == 200)
    view(world, ip="198.51.100.1")
    person.sees("1 new", ".stream-tools")
    assert person.run("return document.querySelector('.events').scrollTop") == 200
    assert "198.51.100.1" not in person.text(ROWS)
    person.click("1 new", ".stream-tools")
    person.sees("198.51.100.1", ROWS)

    chain = ActionChains(person.driver)
    chain.move_to_element(person.driver.find_element("css selector", ROWS)).perform()
    view(world, ip="198.51.100.2")
    person.sees("1 new", ".stream-tools")
    chain.move_to_element(person.driver.find_element("css selector", "h1")).perform()
    person.sees("198.51.100.2", ROWS)


def test_one_kind_alone(watching: Person, world: World) -> None:
    person = watching
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    person.click("Gifts", ".stream-kinds")
    person.sees("Nothing of this kind", "main")
    assert "show=gifts" in person.driver.current_url
    sell(world, "gift", amount="700", category="books")
    view(world, ip="203.0.113.2")
    person.sees("¥700", ROWS)
    assert len(rows(person)) == 1
    person.driver.refresh()
    person.sees("¥700", ROWS)
    assert len(rows(person)) == 1
    assert person.run("return document.querySelector('[data-set=\"show=gifts\"]').ariaPressed") == "true"
    person.click("All", ".stream-kinds")
    person.wait.until(lambda _: len(rows(person)) == 3)


def test_a_burst_is_bounded_and_readable(watching: Person, world: World) -> None:
    person = watching
    at = now()
    looked = [view_of(world, ip=f"203.0.{n % 7}.{n % 199}", timestamp=at) for n in range(250)]
    events.store(world.stores, looked, now())
    person.sees("250 views", ROWS)
    assert len(rows(person)) == 1, "views of one second are one row"
    # More of everything than is kept, each apart from the next.
    moments = [at - timedelta(seconds=n) for n in range(MOST)]
    events.store(world.stores, [view_of(world, ip=f"198.51.100.{n % 250}", timestamp=moment)
                                for n, moment in enumerate(moments)], now())  # fmt: skip
    with committing(world.stores) as tx:
        gifts = [sale_of(world, "gift", amount=str(1 + n), category="roses") for n in range(150)]
        transactions.record(tx, world.other, gifts, now())
    person.sees("¥150", ROWS)
    person.wait.until(lambda _: len(rows(person)) <= MOST)
    assert sum("Gift" in row for row in rows(person)) == 100
    assert person.complaints() == []


def test_a_restarted_server_is_caught_up_with(watching: Person, world: World) -> None:
    person = watching
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    world.served.__exit__()
    try:
        person.sees("Not connected. What you miss comes when it is back.", "main")
        assert state(person) == "Reconnecting"
        assert "203.0.113.1" in person.text(ROWS), "what was shown stays"
        view(world, ip="203.0.113.2", timestamp=now() - timedelta(seconds=40))
    finally:
        world.served.__enter__()
    person.sees("203.0.113.2", ROWS)
    live(person)
    again = {"id": new_id(), "ip": "203.0.113.3", "timestamp": now() - timedelta(seconds=20)}
    view(world, **again)
    view(world, **again)
    view(world, ip="203.0.113.4")
    person.sees("203.0.113.4", ROWS)
    assert len(rows(person)) == 4, "nothing is there twice"


def test_a_word_that_redis_lost_comes_again(watching: Person, world: World) -> None:
    person = watching
    person.run("window.states = []; document.addEventListener('live:state', (e) => states.push(e.detail))")
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    world.stores.redis.client_kill_filter(_type="pubsub")
    view(world, ip="203.0.113.2", timestamp=now() - timedelta(seconds=40))
    person.sees("203.0.113.2", ROWS)
    live(person)
    assert person.run("return window.states") == ["waiting", "live"]
    assert len(rows(person)) == 2


def test_a_browser_without_connection_says_so_and_catches_up(watching: Person, world: World) -> None:
    person = watching
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    offline(person, True)
    person.wait.until(lambda _: state(person) == "No connection")
    person.sees("This browser is offline", "main")
    view(world, ip="203.0.113.2", timestamp=now() - timedelta(seconds=40))
    offline(person, False)
    person.sees("203.0.113.2", ROWS)
    live(person)
    assert len(rows(person)) == 2


def test_lost_messages_are_read_anew(watching: Person, world: World) -> None:
    """Redis forgot what it told while the browser was away."""
    person = watching
    view(world, ip="203.0.113.1")
    person.sees("203.0.113.1", ROWS)
    offline(person, True)
    person.wait.until(lambda _: state(person) == "No connection")
    world.stores.redis.flushall()
    view(world, ip="203.0.113.2")
    offline(person, False)
    person.sees("203.0.113.2", ROWS)
    person.misses("203.0.113.1", ROWS)


def test_the_overview_moves(person: Person, world: World) -> None:
    person.sign_in("charlie")
    person.sees("Today so far", "#overview-today")
    live(person)
    person.run("window.untouched = true")
    before = figure(person, "Views")
    view(world, ip="203.0.113.1")
    view(world, ip="203.0.113.2")
    person.wait.until(lambda _: figure(person, "Views") == before + 2, "the overview does not move")
    assert person.run("return window.untouched")
    assert person.complaints() == []


def test_another_profile_is_another_stream(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/live")
    live(person)
    view(world, ip="203.0.113.99")
    view(world, profile_id=world.anna.profile_id, ip="198.51.100.99")
    person.sees("198.51.100.99", ROWS)
    assert "203.0.113.99" not in person.text(ROWS)
    person.open(f"/live?profile={world.other.profile_id}")
    person.sees("There is no such profile", "main")
    assert person.run("return document.getElementById('frame-live').hidden")


def test_a_profile_is_live_however_the_url_spells_it(watching: Person, world: World) -> None:
    person, own = watching, world.other.profile_id
    for spelled in (str(own).upper(), own.hex, ""):
        person.open(f"/live?profile={spelled}")
        live(person)
        view(world, ip=f"203.0.113.{len(spelled)}")
        person.sees(f"203.0.113.{len(spelled)}", ROWS)
    person.open("/live?profile=nonsense")
    person.wait.until(lambda _: person.run("return document.getElementById('frame-live').hidden"))


def test_to_sign_out_in_one_tab_ends_the_others(watching: Person, world: World) -> None:
    person = watching
    first = person.driver.current_window_handle
    person.driver.switch_to.new_window("tab")
    try:
        person.open("/live")
        live(person)
        person.run("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
        person.sees("Sign in")
    finally:
        person.driver.close()
        person.driver.switch_to.window(first)
    # A tab that was about to draw something is sent to the sign-in; one that had nothing to ask for stays.
    said = "return document.querySelector('#frame-live')?.innerText ?? document.title"
    person.wait.until(lambda _: person.run(said).startswith("Sign"))
    view(world, ip="203.0.113.1")
    assert person.run(said).startswith("Sign")
    assert not person.run("return document.body.innerText.includes('203.0.113.1')")


def test_sound_is_off_until_it_is_asked_for(watching: Person, world: World) -> None:
    person = watching
    pressed = "return document.querySelector('[data-chime=sound]').ariaPressed"
    assert person.run(pressed) == "false"
    person.click("Sound", ".stream-calls")
    assert person.run(pressed) == "true"
    person.driver.refresh()
    person.settled()
    assert person.run(pressed) == "true"
    sell(world, "gift", amount="70", category="books")
    person.sees("¥70", ROWS)
    person.click("Sound", ".stream-calls")
    assert person.run(pressed) == "false"
    assert person.complaints() == []


def test_refused_notifications_are_said_in_words(watching: Person) -> None:
    # As a browser does whose person said no; without a screen nobody can be asked.
    watching.run("window.Notification = class { static requestPermission = async () => 'denied'; }")
    watching.click("Notifications", ".stream-calls")
    watching.sees("This browser does not allow notifications", ".stream-calls")
    assert watching.run("return document.querySelector('[data-chime=notify]').ariaPressed") == "false"
    assert watching.findings() == []


def view_of(world: World, **facts: Any) -> Event:
    given = {"profile_id": world.other.profile_id, "timestamp": now(), "visitor_id": facts.get("ip"), **facts}
    return Event(event_type="view", **given)


def view(world: World, **facts: Any) -> None:
    events.store(world.stores, [view_of(world, **facts)], now())


def sale_of(world: World, kind: str, **facts: Any) -> Transaction:
    given = {"profile_id": world.other.profile_id, "type": kind, "date": now(), **facts}
    return Transaction(**given)


def sell(world: World, kind: str, **facts: Any) -> UUID:
    with committing(world.stores) as tx:
        return transactions.record(tx, world.other, [sale_of(world, kind, **facts)], now()).ids[0]


def tell(world: World, event: str, **data: Any) -> None:
    message = Message(world.other.profile_id, event, new_id(), {"timestamp": instant(now()), **data})
    world.stores.feed.publish([Post(message.profile_id, (message.body,))])


def rows(person: Person) -> list[str]:
    found: list[str] = person.run(
        "return [...document.querySelectorAll('.event')].map((one) => one.innerText)"
    )
    return found


def state(person: Person) -> str:
    return str(person.run("return document.querySelector(arguments[0]).textContent", STATE))


def live(person: Person) -> None:
    person.wait.until(lambda _: state(person) == "Live", "the page does not become live")


def minutes(person: Person) -> int:
    cells = "return [...document.querySelectorAll('#realtime-minutes tbody td')].map((one) => one.innerText)"
    return sum(int(cell) for cell in person.run(cells))


def figure(person: Person, label: str) -> int:
    return int(person.run(_FIGURE, label))


def offline(person: Person, cut: bool) -> None:
    conditions = {"offline": cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    person.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)


_FIGURE = """
for (const item of document.querySelectorAll("#overview-today li"))
  if (item.innerText.startsWith(arguments[0])) return item.querySelector(".listing-number").innerText;
return "-1";
"""
