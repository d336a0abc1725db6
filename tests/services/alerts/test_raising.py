"""Alerts: one for each visitor and day, stored with the event that raised it, told when it is news."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.clock import now
from models.feed import START
from models.schema import profile_events
from models.stores import Stores
from services.alerts import inbox, mutes
from services.alerts.inbox import Alert
from services.imports import ledger
from services.ingest import events
from services.ingest.inputs import Event
from services.profiles import Profile
from tests.judge import CABLE, MINISTRY, POLICE, SECOND, UNKNOWN, Known, judging

NOON = datetime.fromisoformat("2026-11-20T11:00:00+00:00")
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"


@pytest.fixture
def judged(stores: Stores) -> Stores:
    """Stores of an installation that detects."""
    return judging(stores)


def visit(profile: Profile, ip: str | None = MINISTRY, **given: Any) -> Event:
    kind = given.pop("kind", "view")
    return Event(profile_id=profile.profile_id, event_type=kind, ip=ip, **given)


def alerts(stores: Stores, profile: Profile) -> list[Alert]:
    with stores.database.transaction() as tx:
        return inbox.listing(tx, profile.profile_id)


def verdicts(stores: Stores, profile: Profile) -> list[dict[str, Any]]:
    columns = profile_events.c
    names = (columns.is_gov_ip, columns.gov_confidence, columns.gov_list_version, columns.country)
    with stores.database.transaction() as tx:
        return [dict(row) for row in tx.rows(select(*names).order_by(columns.timestamp))]


def told(stores: Stores, profile: Profile, event: str = "gov-alert") -> list[dict[str, Any]]:
    messages = [json.loads(entry.body) for entry in stores.feed.after(profile.profile_id, START).entries]
    return [message for message in messages if message["event"] == event]


def test_every_event_carries_its_verdict(judged: Stores, anna: Profile) -> None:
    at = now()
    seen = [
        visit(anna, ip, timestamp=at - timedelta(minutes=9 - index), country=country)
        for index, (ip, country) in enumerate(
            [(MINISTRY, None), (CABLE, None), (UNKNOWN, None), (None, None), (POLICE, "CA")]
        )
    ]
    events.store(judged, seen, at)
    ministry, cable, unknown, none, police = verdicts(judged, anna)
    assert ministry["is_gov_ip"] is True
    assert ministry["gov_confidence"] == pytest.approx(0.98)
    assert (ministry["gov_list_version"], ministry["country"]) == ("2026-11-01", "FR")
    assert (cable["is_gov_ip"], cable["country"]) == (False, "DE")
    for each in (unknown, none):
        assert set(each.values()) == {None}
    assert (police["is_gov_ip"], police["country"]) == (True, "CA")


def test_an_alert_says_why(judged: Stores, anna: Profile) -> None:
    at, key = now(), uuid4()
    events.store(judged, [visit(anna, id=key, timestamp=at)], at)
    (alert,) = alerts(judged, anna)
    assert (alert.event_id, alert.timestamp, alert.ip) == (key, at, MINISTRY)
    assert (alert.kind, alert.asn, alert.country) == ("national_civil", "AS64500", "FR")
    assert alert.organization == "Ministère de l'Intérieur"
    assert len(alert.reasons) == 2
    assert (alert.seen_at, alert.is_muted) == (None, False)
    (message,) = told(judged, anna)
    assert message["eventId"] == str(alert.alert_id)
    assert message["data"] == {
        "profileId": str(anna.profile_id),
        "alertId": str(alert.alert_id),
        "ip": MINISTRY,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "confidence": 0.98,
        "kind": "national_civil",
        "organization": "Ministère de l'Intérieur",
        "asn": "AS64500",
        "country": "FR",
        "reasons": list(alert.reasons),
    }
    (view,) = told(judged, anna, "profile-view")
    assert view["data"]["isGov"] is True


def test_the_threshold_is_the_operators(stores: Stores, anna: Profile) -> None:
    strict = judging(stores, threshold=0.9)
    events.store(strict, [visit(anna), visit(anna, POLICE)], now())
    assert [alert.ip for alert in alerts(strict, anna)] == [MINISTRY]
    exact = judging(stores, Known("192.0.2.70", True, 0.7), threshold=0.7)
    events.store(exact, [visit(anna, "192.0.2.70")], now())
    assert alerts(exact, anna)[0].ip == "192.0.2.70"


def test_turned_off_nothing_is_judged(stores: Stores, anna: Profile) -> None:
    events.store(stores, [visit(anna)], now())
    assert set(verdicts(stores, anna)[0].values()) == {None}
    assert alerts(stores, anna) == []
    assert told(stores, anna) == []
    assert told(stores, anna, "profile-view")[0]["data"]["isGov"] is None


def test_whatever_a_visitor_does_on_a_day_is_one_alert(judged: Stores, anna: Profile) -> None:
    at = NOON
    for kind in ("view", "click", "inquiry"):
        events.store(judged, [visit(anna, kind=kind, timestamp=at), visit(anna, kind=kind, timestamp=at)], at)
    assert len(alerts(judged, anna)) == 1
    assert len({message["eventId"] for message in told(judged, anna)}) == 1
    events.store(judged, [visit(anna, visitor_id="another"), visit(anna, SECOND)], at)
    assert len(alerts(judged, anna)) == 3


def test_days_are_those_of_the_profile(judged: Stores, priya: Profile) -> None:
    evening = datetime.fromisoformat("2026-11-20T18:00:00+00:00")  # 23:30 in India
    for minutes in (0, 20, 40):
        events.store(judged, [visit(priya, timestamp=evening + timedelta(minutes=minutes))], now())
    days = [priya.local_date(alert.timestamp).day for alert in alerts(judged, priya)]
    assert days == [21, 20]


def test_a_governments_crawler_is_a_visit_but_the_owner_is_none(judged: Stores, anna: Profile) -> None:
    events.store(judged, [visit(anna, user_agent=BOT), visit(anna, POLICE, is_owner=True)], now())
    assert [alert.ip for alert in alerts(judged, anna)] == [MINISTRY]
    assert [verdict["is_gov_ip"] for verdict in verdicts(judged, anna)] == [True, True]


def test_history_is_stored_silently(judged: Stores, anna: Profile) -> None:
    old = visit(anna, timestamp=now() - timedelta(hours=25))
    events.store(judged, [old], now())
    events.store(judged, [visit(anna, POLICE)], now(), import_id=uuid4())
    assert len(alerts(judged, anna)) == 2
    assert told(judged, anna) == []


def test_an_alert_whose_event_comes_again_is_told_again_and_stored_once(
    judged: Stores, anna: Profile
) -> None:
    at = NOON
    first, second = (visit(anna, id=uuid4(), timestamp=at) for _ in range(2))
    for each in (first, second, first, second):
        events.store(judged, [each], at)
    (alert,) = alerts(judged, anna)
    assert [message["eventId"] for message in told(judged, anna)] == [str(alert.alert_id)] * 2


def test_a_muted_network_raises_no_alert_but_is_judged(judged: Stores, anna: Profile, yuki: Profile) -> None:
    events.store(judged, [visit(anna), visit(anna, POLICE)], now())
    police, ministry = sorted(alerts(judged, anna), key=lambda alert: alert.confidence)
    with judged.database.transaction() as tx:
        muted = mutes.mute(tx, anna.profile_id, ministry.alert_id, now())
        assert mutes.mute(tx, anna.profile_id, ministry.alert_id, now()) == muted
    events.store(judged, [visit(anna, SECOND), visit(yuki)], now())
    assert {alert.alert_id: alert.is_muted for alert in alerts(judged, anna)} == {
        ministry.alert_id: True,
        police.alert_id: False,
    }
    assert len(alerts(judged, yuki)) == 1
    assert all(verdict["is_gov_ip"] for verdict in verdicts(judged, anna))
    with judged.database.transaction() as tx:
        assert inbox.unseen(tx, anna.profile_id) == 1
        assert mutes.listing(tx, anna.profile_id) == [muted]
        mutes.unmute(tx, anna.profile_id, muted.network_id)
        assert inbox.unseen(tx, anna.profile_id) == 2
        assert mutes.listing(tx, anna.profile_id) == []
    events.store(judged, [visit(anna, SECOND)], now())
    assert len(alerts(judged, anna)) == 3


def test_what_was_seen_before_it_was_muted_stays_seen(judged: Stores, anna: Profile) -> None:
    events.store(judged, [visit(anna), visit(anna, POLICE)], now())
    (ministry,) = [alert for alert in alerts(judged, anna) if alert.ip == MINISTRY]
    with judged.database.transaction() as tx:
        assert inbox.acknowledge(tx, anna.profile_id, now(), [ministry.alert_id]) == 1
        muted = mutes.mute(tx, anna.profile_id, ministry.alert_id, now())
        mutes.unmute(tx, anna.profile_id, muted.network_id)
        assert inbox.unseen(tx, anna.profile_id) == 1
        at = now()
        assert inbox.acknowledge(tx, anna.profile_id, at) == 1
        assert inbox.forget(tx, anna.profile_id, at) == 1
        assert inbox.unseen(tx, anna.profile_id) == 1


def test_alerts_go_with_the_import_that_raised_them(judged: Stores, anna: Profile) -> None:
    at = NOON
    with ledger.importing(judged, anna, "access-log", "log", {}, {}) as import_id:
        seen = [visit(anna, timestamp=at - timedelta(hours=2)), visit(anna, POLICE, timestamp=at)]
        events.store(judged, seen, at, import_id)
    own = uuid4()
    events.store(judged, [visit(anna, id=own, timestamp=at)], at)
    assert len(alerts(judged, anna)) == 2
    ledger.undo(judged.database, import_id, anna.profile_id)
    # The ministry was there without the import too.
    assert [alert.event_id for alert in alerts(judged, anna)] == [own]


def test_pages_of_alerts(judged: Stores, anna: Profile) -> None:
    at = now()
    batch = [
        visit(anna, visitor_id=str(index), timestamp=at - timedelta(minutes=index)) for index in range(5)
    ]
    events.store(judged, batch, at)
    every = alerts(judged, anna)
    assert [alert.timestamp for alert in every] == sorted((a.timestamp for a in every), reverse=True)
    found: list[Alert] = []
    while len(found) < 5:
        with judged.database.transaction() as tx:
            after = inbox.Place.read([str(part) for part in found[-1].place]) if found else None
            found += inbox.listing(tx, anna.profile_id, after=after, limit=2)
    assert found == every


Visit = tuple[int, int, int]
"""Whose, on which day, and what it is called."""
VISITS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS, cuts=st.sets(st.integers(1, 15)), shuffled=st.randoms(use_true_random=False))
def test_one_for_each_visitor_and_day_whatever_the_order(
    stores: Stores, anna: Profile, visits: list[Visit], cuts: set[int], shuffled: Any
) -> None:
    """However often each is told, in whatever order and in whatever batches."""
    judged, at, salt = judging(stores), NOON, uuid4().hex
    told_twice = visits + visits
    shuffled.shuffle(told_twice)
    for batch in _cut(told_twice, cuts):
        events.store(judged, [_visit(anna, at, salt, each) for each in batch], at)
    wanted = {(visitor, day) for visitor, day, _ in visits}
    with judged.database.transaction() as tx:
        raised = inbox.listing(tx, anna.profile_id, limit=1000)
    own = {_visit(anna, at, salt, each).id: each[:2] for each in visits}
    found = [own[alert.event_id] for alert in raised if alert.event_id in own]
    assert len(found) == len(wanted)
    assert set(found) == wanted
    news = [UUID(message["data"]["alertId"]) for message in told(judged, anna)]
    assert {alert.alert_id for alert in raised if alert.timestamp > at - timedelta(hours=24)} <= set(news)


def _visit(profile: Profile, at: datetime, salt: str, one: Visit) -> Event:
    visitor, day, number = one
    moment = at - timedelta(days=day, seconds=number)
    key = UUID(int=hash((salt, one)) % 2**128)
    return visit(profile, id=key, timestamp=moment, visitor_id=f"{salt}-{visitor}")


def _cut(visits: Sequence[Visit], cuts: set[int]) -> list[Sequence[Visit]]:
    places = [0, *sorted(cut for cut in cuts if cut < len(visits)), len(visits)]
    return [visits[start:end] for start, end in pairwise(places)]
