"""Addresses and user agents are reduced once their period has passed, counted from receipt."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import func

from models.clock import now
from models.feed import Post
from models.retention import Periods
from models.schema import profile_events
from models.stores import Stores
from services.alerts import inbox
from services.alerts.rejudging import Rejudged, rejudge
from services.imports import ledger
from services.imports.ledger import importing
from services.ingest import events
from services.ingest.agents import describe
from services.ingest.inputs import Event
from services.ingest.visitors import address_hash
from services.profiles import Profile
from services.retention import addresses
from services.retention.addresses import TASK
from services.retention.task import Counts
from tests.judge import MINISTRY, POLICE, Known, judging
from tests.services.retention.conftest import alerts, in_days, stored

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
E = profile_events.c
Does = Callable[..., Counts]


def visit(profile: Profile, **given: Any) -> Event:
    told = {"ip": MINISTRY, "userAgent": FIREFOX, **given}
    return Event(profile_id=profile.profile_id, event_type="view", **told)


def test_an_address_becomes_its_hash_and_a_user_agent_its_family(
    stores: Stores, sample: Profile, does: Does
) -> None:
    before = stored(stores, sample, E.id, E.user_agent, E.visitor_key, func.host(E.ip_address).label("ip"))
    counts = does(TASK, sample, days=90.1)
    assert counts.before["addresses"] == sum(row["ip"] is not None for row in before) > 5
    assert counts.before["agents"] == sum(row["user_agent"] is not None for row in before)
    assert not any(counts.after.values())
    after = {row["id"]: row for row in stored(stores, sample)}
    key = stores.keys.visitor(now())
    for was in before:
        row = after[was["id"]]
        assert row["ip_address"] is None
        assert row["address_hash"] == (address_hash(key, sample.profile_id, was["ip"]) if was["ip"] else None)
        assert row["user_agent"] == (was["user_agent"] and describe(was["user_agent"]).family)
        assert row["visitor_key"] == was["visitor_key"]
    assert "Firefox" in {row["user_agent"] for row in after.values()}


def test_done_again_it_changes_nothing(stores: Stores, sample: Profile, does: Does) -> None:
    does(TASK, sample, days=91)
    once = stored(stores, sample)
    assert does(TASK, sample, days=92) == Counts(
        before=dict.fromkeys(TASK.counted, 0), after=dict.fromkeys(TASK.counted, 0)
    )
    assert stored(stores, sample) == once


def test_it_counts_from_receipt(stores: Stores, anna: Profile, priya: Profile, does: Does) -> None:
    at = now()
    events.store(stores, [visit(anna, timestamp=at - timedelta(days=4_000)), visit(priya)], at)
    events.store(stores, [visit(anna, timestamp=at - timedelta(days=1))], at - timedelta(days=1))
    assert does(TASK, anna, days=89.5).before["addresses"] == 1
    assert [row["ip_address"] is None for row in stored(stores, anna)] == [False, True]
    assert stored(stores, priya)[0]["ip_address"] is not None


def test_dry_nothing_changes(stores: Stores, anna: Profile) -> None:
    events.store(judging(stores), [visit(anna), visit(anna, ip=None, visitorId="v")], now())
    before = stored(stores, anna)
    found = TASK.due(stores, anna.profile_id, in_days(91), Periods())
    assert found == {"addresses": 1, "agents": 2, "alerts": 1, "live": 3}
    assert stored(stores, anna) == before


def test_piece_by_piece_until_it_is_to_end(
    stores: Stores, anna: Profile, does: Does, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "PIECE", 3)
    events.store(stores, [visit(anna, visitorId=str(number)) for number in range(8)], now())
    ending = Signal()

    def once(*given: Any) -> None:
        reduced(*given)
        ending.set()

    reduced = addresses._reduce
    monkeypatch.setattr(addresses, "_reduce", once)
    assert does(TASK, anna, 91, ending).after["addresses"] == 5
    assert does(TASK, anna, 91).after["addresses"] == 0


def test_where_the_key_is_gone_no_hash_is_made(stores: Stores, anna: Profile, does: Does) -> None:
    events.store(judging(stores), [visit(anna)], now())
    [quarter] = stores.keys.visitors()
    stores.keys.destroy_visitor(quarter)
    does(TASK, anna, days=91)
    [row], [alert] = stored(stores, anna), alerts(stores, anna)
    assert (row["ip_address"], row["address_hash"], row["user_agent"]) == (None, None, "Firefox")
    assert (alert["ip"], alert["address_hash"]) == ("", None)


def test_an_alert_loses_its_address_with_its_event(stores: Stores, anna: Profile, does: Does) -> None:
    judged, at = judging(stores), now()
    events.store(judged, [visit(anna), visit(anna, ip=POLICE)], at - timedelta(days=1))
    events.store(judged, [visit(anna, ip="192.0.2.77", timestamp=at)], at)
    # Found late, by newer lists: its event came with the others.
    late = Known("192.0.2.77", True, 0.9, organization="Embassy")
    assert rejudge(judging(stores, late), anna.profile_id, in_days(80)).alerts == 1
    does(TASK, anna, days=90.5)
    rows = {row["id"]: row for row in stored(stores, anna)}
    found = alerts(stores, anna)
    assert len(found) == 3
    for alert in found:
        assert (alert["ip"], alert["address_hash"]) == ("", rows[alert["event_id"]]["address_hash"])
        assert alert["address_hash"] is not None
    with stores.database.transaction() as tx:
        listed = inbox.listing(tx, anna.profile_id)
    assert {alert.ip for alert in listed} == {None}
    assert len({alert.address_tag for alert in listed}) == 3
    assert {len(alert.address_tag or "") for alert in listed} == {6}
    assert rejudge(judged, anna.profile_id, in_days(91)) == Rejudged()


def test_an_alert_whose_event_is_gone_loses_its_address_too(
    stores: Stores, anna: Profile, does: Does
) -> None:
    events.store(judging(stores), [visit(anna)], now())
    with stores.database.transaction() as tx:
        tx.run(profile_events.delete().where(E.profile_id == anna.profile_id))
    assert does(TASK, anna, days=91).before["alerts"] == 1
    [alert] = alerts(stores, anna)
    assert alert["address_hash"] == address_hash(stores.keys.visitor(now()), anna.profile_id, MINISTRY)


def test_an_alert_that_moves_to_a_reduced_event_has_no_address_either(
    stores: Stores, anna: Profile, does: Does
) -> None:
    judged, at = judging(stores), datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    moment = at - timedelta(days=2)
    with importing(stores, anna, "access-log", "access.log", {}, {}) as import_id:
        events.store(judged, [visit(anna, timestamp=moment)], at, import_id)
    events.store(judged, [visit(anna, timestamp=moment + timedelta(minutes=1))], at - timedelta(days=1))
    TASK.run(stores, anna.profile_id, at + timedelta(days=89.5), Periods(), Signal())
    assert [alert["ip"] for alert in alerts(stores, anna)] == [MINISTRY]
    ledger.undo(stores.database, import_id)
    [alert], [row] = alerts(stores, anna), stored(stores, anna)
    assert (alert["event_id"], alert["ip"]) == (row["id"], "")
    assert alert["address_hash"] == row["address_hash"] is not None


def test_an_event_that_comes_again_stays_reduced(stores: Stores, anna: Profile, does: Does) -> None:
    event = visit(anna, id="00000000-0000-7000-8000-000000000001", timestamp=now())
    events.store(stores, [event], now())
    does(TASK, anna, days=91)
    before = stored(stores, anna)
    longer = event.model_copy(update={"duration_seconds": 9.0})
    assert events.store(stores, [longer], in_days(91)).count(events.Fate.DUPLICATE) == 1
    [row] = stored(stores, anna)
    assert row == {**before[0], "visible_ms": 9_000}


def test_the_live_stream_keeps_no_message_for_longer(stores: Stores, anna: Profile, does: Does) -> None:
    stores.feed.publish([Post(anna.profile_id, ('{"event":"profile-view"}',))])
    assert does(TASK, anna, days=89).before["live"] == 0
    position = stores.feed.position(anna.profile_id)
    assert does(TASK, anna, days=91) == Counts(
        {"addresses": 0, "agents": 0, "alerts": 0, "live": 1}, dict.fromkeys(TASK.counted, 0)
    )
    assert stores.feed.latest(anna.profile_id, 10) == ()
    assert stores.feed.after(anna.profile_id, position).entries == ()


@pytest.mark.parametrize("text", ["2001:db8::1", "2001:0DB8:0:0::1"])
def test_an_address_has_one_hash_however_it_is_written(anna: Profile, text: str) -> None:
    made = address_hash(b"k" * 32, anna.profile_id, text)
    assert made == address_hash(b"k" * 32, anna.profile_id, "2001:db8:0::0:1")
    assert made != address_hash(b"l" * 32, anna.profile_id, text)
    assert len(made) == 16
