import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clock import now
from models.schema import imports, transactions
from models.stores import Stores
from services import demo, rollups
from services.demo.life import Life
from services.demo.live import Live
from services.demo.pace import OPENING, Kind, rates
from services.demo.personas import PERSONAS, Persona
from services.demo.rhythm import Stay
from services.demo.sales import PAID, sales
from services.demo.visits import CHECKOUTS, visits
from services.domain_events.envelope import read
from services.domain_events.recording import Fate, record
from services.domain_events.stream import Stream
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-24T15:00:00+00:00")
BUSY = PERSONAS[0]
DAY = 86_400


class Waits(threading.Event):
    """An event that is set by the wait after `most` of them, none of which takes any time; `meanwhile` is
    done in each."""

    def __init__(self, most: int, meanwhile: Callable[[], object] = lambda: None):
        super().__init__()
        self.left, self.meanwhile = most, meanwhile

    def wait(self, timeout: float | None = None) -> bool:
        self.meanwhile()
        self.left -= 1
        if self.left < 0:
            self.set()
        return self.is_set()


@pytest.fixture
def seeded(stores: Stores) -> Iterator[Stores]:
    demo.seed(stores, NOW, days=3)
    yield stores


def _told(stores: Stores) -> list[dict[str, Any]]:
    return [json.loads(entry["event"]) for _, entry in stores.redis.xrange("domain-events")]


def test_largest_profile_sees_somebody_every_ten_seconds_at_first() -> None:
    first = rates(Stay(BUSY, NOW, 1), NOW, 0)
    assert 8 < 1 / first[Kind.VIEW] < 12
    small = rates(Stay(PERSONAS[2], NOW, 1), NOW, 0)
    assert small[Kind.VIEW] < first[Kind.VIEW] / 3


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.slug)
@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_what_comes_on_top_is_in_proportion_to_the_history(persona: Persona, hour: int) -> None:
    began = NOW + timedelta(hours=hour)
    stay = Stay(persona, began, 1)
    minutes = [60 * rates(stay, began + timedelta(minutes=m), m * 60)[Kind.VIEW] for m in range(24 * 60)]
    usual = stay.views(stay.today)
    assert 0.3 * usual < sum(minutes[:60]) < 0.5 * usual
    assert sum(minutes) < 2 * usual


def test_after_a_week_it_is_the_rhythm_alone() -> None:
    stay, later = Stay(BUSY, NOW, 1), NOW + timedelta(days=7)
    assert rates(stay, later, 7 * DAY)[Kind.VIEW] < 1.2 * stay.views_a_second(later)


@pytest.mark.parametrize("persona", PERSONAS[:2], ids=lambda persona: persona.slug)
def test_the_first_hour_earns_a_small_part_of_a_day(persona: Persona) -> None:
    history = Stay(persona, NOW, 90)
    sold = sales(history, visits(history), None)
    stay = Stay(persona, NOW, 1)
    minutes = [rates(stay, NOW + timedelta(minutes=m), m * 60) for m in range(60)]
    expected = {kind: 60 * sum(minute[kind] for minute in minutes) for kind in Kind}
    often = {
        "gift": expected[Kind.GIFT] + expected[Kind.VIEW] * CHECKOUTS * PAID,
        "booking": expected[Kind.BOOKING],
        "subscription": expected[Kind.JOINING],
    }
    of_a_day = 0.0
    for kind, times in often.items():
        amounts = [float(sale.amount) for sale in sold if sale.transaction_type == kind]
        of_a_day += times * sum(amounts) / len(amounts)
    assert 0 < of_a_day < 0.3 * float(sum(sale.amount for sale in sold)) / 90


@settings(max_examples=30)
@given(st.sampled_from(PERSONAS), st.integers(0, 400 * DAY), st.floats(0, 30 * DAY), st.floats(0, 30 * DAY))
def test_the_longer_it_runs_the_calmer_but_never_below_the_rhythm(
    persona: Any, after: int, running: float, longer: float
) -> None:
    at = NOW + timedelta(seconds=after)
    stay = Stay(persona, at, 1)
    early, late = rates(stay, at, running), rates(stay, at, running + longer)
    assert all(early[kind] >= late[kind] >= 0 for kind in Kind)
    assert late[Kind.VIEW] >= stay.views_a_second(at)


def test_the_hours_of_a_day_bring_its_views() -> None:
    stay = Stay(BUSY, NOW, 1)
    midnight = datetime(2026, 11, 25, tzinfo=stay.tz)
    hours = (stay.views_a_second(midnight + timedelta(hours=hour)) for hour in range(24))
    assert sum(3600 * rate for rate in hours) == pytest.approx(stay.views(midnight.date()))


def test_people_come_back_look_for_a_while_and_give() -> None:
    life = Life(BUSY, NOW)
    happened = [life.happen(NOW + timedelta(seconds=second), 1) for second in range(1, 6 * 3600)]
    told = [event for each in happened for event in each.told]
    views = [event["data"] for event in told if event["type"] == "profile.viewed"]
    visitors = {view["visitorId"] for view in views}
    assert len(visitors) < 0.9 * len(views)
    assert sum("durationSeconds" in view for view in views) > 0.6 * len(views)
    assert len({view.get("referrer") for view in views}) > 4
    kinds = {event["type"] for event in told}
    assert {"gift.purchased", "booking.completed", "profile.viewed"} <= kinds
    assert {event.event_type for each in happened for event in each.posted} >= {"click", "inquiry"}


def test_each_is_told_when_it_happens_and_once() -> None:
    life = Life(BUSY, NOW)
    ids = []
    for second in range(1, 3600):
        at = NOW + timedelta(seconds=second)
        happened = life.happen(at, 1)
        for event in happened.told:
            occurred = datetime.fromisoformat(event["occurredAt"])
            assert at - timedelta(seconds=1) < occurred <= at
            ids.append(event["id"])
        ids += [str(event.id) for event in happened.posted]
    assert len(ids) == len(set(ids))


def test_another_run_tells_other_events() -> None:
    def ids(began: datetime) -> set[str]:
        life = Life(BUSY, began)
        return {
            event["id"] for s in range(900) for event in life.happen(began + timedelta(seconds=s), 1).told
        }

    assert not ids(NOW) & ids(NOW + timedelta(seconds=1))


def test_refund_is_of_something_sold_and_comes_once() -> None:
    life = Life(BUSY, NOW)
    told = [e for d in range(1, 120) for e in life.happen(NOW + timedelta(days=d), DAY).told]
    sold = {
        event["id"]: event
        for event in told
        if event["type"] in {"gift.purchased", "booking.completed", "subscription.charged"}
    }
    refunds = [event for event in told if event["type"] == "transaction.refunded"]
    assert refunds
    assert len({event["data"]["id"] for event in refunds}) == len(refunds)
    for event in refunds:
        sale = sold[event["data"]["id"]]
        assert event["occurredAt"] >= sale["occurredAt"]
        assert float(event["data"].get("amount", 0)) <= float(sale["data"]["amount"])


def test_lives_on_the_profiles_of_the_demo_alone(seeded: Stores, anna: Profile) -> None:
    live = Live(seeded, Stream(seeded.redis), NOW)
    for minute in range(1, 20):
        live.tick(NOW + timedelta(minutes=minute), 60)
    assert {UUID(event["data"]["profileId"]) for event in _told(seeded)} == {
        persona.profile_id for persona in PERSONAS
    }


def test_waits_for_the_history_to_be_complete_and_ends_with_it(seeded: Stores) -> None:
    def mark(status: str) -> None:
        with seeded.database.transaction() as tx:
            tx.run(imports.update().values(status=status))

    mark("running")
    live = Live(seeded, Stream(seeded.redis), NOW)
    live.tick(NOW + timedelta(minutes=1), 600)
    assert not live.lives
    assert not _told(seeded)
    mark("done")
    live.tick(NOW + timedelta(minutes=3), 600)
    assert len(live.lives) == len(PERSONAS)
    before = len(_told(seeded))
    assert before
    mark("undone")
    live.tick(NOW + timedelta(minutes=5), 600)
    assert len(_told(seeded)) == before


def test_after_a_week_nothing_is_made_up_for(seeded: Stores) -> None:
    back = NOW + timedelta(days=7)
    Live(seeded, Stream(seeded.redis), back).tick(back, 1)
    told = _told(seeded)
    assert len(told) <= 2 * len(PERSONAS)
    assert all(datetime.fromisoformat(event["occurredAt"]) == back for event in told)


def test_subscribers_of_the_history_are_charged_again_a_month_later_and_once(stores: Stores) -> None:
    demo.seed(stores, NOW, days=12)
    later = NOW + timedelta(days=32)
    live = Live(stores, Stream(stores.redis), later)
    for minute in range(30):
        live.tick(later + timedelta(minutes=minute), 0)
    renewed = [event["data"] for event in _told(stores)]
    with stores.database.transaction() as tx:
        statement = transactions.select().where(transactions.c.transaction_type == "subscription")
        known = {(row["item_id"], row["counterparty_id"]): row["amount"] for row in tx.rows(statement)}
    subscriptions = [(data["subscriptionId"], data["subscriberId"]) for data in renewed]
    assert len(subscriptions) > len(PERSONAS)
    assert len(subscriptions) == len(set(subscriptions))
    assert all(
        Decimal(data["amount"]) == known[key] for key, data in zip(subscriptions, renewed, strict=True)
    )
    # Another run, before anything of it was stored, tells them with the same ids.
    first = {event["id"] for event in _told(stores)}
    stores.redis.delete("domain-events")
    again = Live(stores, Stream(stores.redis), later)
    again.tick(later, 0)
    assert {event["id"] for event in _told(stores)} < first


def test_drives_until_it_is_stopped_and_frees_the_turn(seeded: Stores) -> None:
    demo.drive(seeded, Waits(600))
    assert _told(seeded)
    assert seeded.redis.lock("demo:live", timeout=5).acquire(blocking=False)


def test_only_one_drives(seeded: Stores) -> None:
    other = seeded.redis.lock("demo:live", timeout=60)
    assert other.acquire(blocking=False)
    demo.drive(seeded, Waits(600))
    assert not _told(seeded)
    assert other.owned()


def test_who_lost_the_turn_stops_telling(seeded: Stores) -> None:
    told = []

    def lose_it() -> None:
        told.append(len(_told(seeded)))
        if len(told) == 400:
            seeded.redis.set("demo:live", "another", px=60_000)

    demo.drive(seeded, Waits(800, lose_it))
    assert 0 < told[399] == told[-1]
    assert seeded.redis.get("demo:live") == "another"


def test_does_nothing_without_a_demo(stores: Stores, anna: Profile) -> None:
    live = Live(stores, Stream(stores.redis), now())
    live.tick(now(), 10 * OPENING)
    assert not _told(stores)


def test_what_is_told_is_understood_and_counted(seeded: Stores) -> None:
    life = Life(BUSY, NOW)
    moments = [NOW + timedelta(hours=12 * step) for step in range(1, 120)]
    told = [event for at in moments for event in life.happen(at, DAY / 2).told]
    # Whoever looked is a matter of the first days; a refund is rare.
    told = told[:500] + [event for event in told[500:] if event["type"] != "profile.viewed"]
    last = moments[-1]
    understood = [read(json.dumps(event), NOW, last) for event in told]
    assert {event.type for event in understood} == {
        "profile.viewed",
        "gift.purchased",
        "booking.completed",
        "subscription.charged",
        "transaction.refunded",
    }
    assert set(record(seeded, understood, last)) == {Fate.COUNTED}
    assert set(record(seeded, understood, last)) == {Fate.REPEATED}
    assert rollups.verify(seeded.database, BUSY.profile_id) == []
