"""Judging again, after the lists have changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.clock import now
from models.schema import profile_events
from models.stores import Stores
from services import changes, profiles
from services.alerts import rejudging
from services.alerts.rejudging import NotDetecting, Rejudged, rejudge
from services.ingest import events
from services.profiles import Profile
from tests.judge import CABLE, MINISTRY, POLICE, UNKNOWN, Known, judging
from tests.services.alerts.test_raising import alerts, told, verdicts, visit


def newer(ip: str, confidence: float, **given: Any) -> Known:
    return Known(ip, confidence > 0.5, confidence, list_version="2026-12-01", **given)


def test_what_has_its_address_is_judged_again_and_nobody_is_told(stores: Stores, anna: Profile) -> None:
    at = now()
    batch = [
        visit(anna, ip, timestamp=at - timedelta(minutes=9 - index))
        for index, ip in enumerate((MINISTRY, CABLE, POLICE, None))
    ]
    events.store(judging(stores), batch, at)
    messages = len(told(stores, anna))
    now_known = judging(
        stores,
        newer(MINISTRY, 0.1),
        newer(CABLE, 0.95, organization="Ministry of Cables"),
        newer(POLICE, 0.81),
    )
    assert rejudge(now_known, anna.profile_id, now()) == Rejudged(events=3, changed=2, alerts=1)
    found = verdicts(stores, anna)
    assert [each["is_gov_ip"] for each in found] == [False, True, True, None]
    assert [each["gov_list_version"] for each in found] == ["2026-12-01"] * 3 + [None]
    # What was told stays as it was told.
    assert {alert.ip for alert in alerts(stores, anna)} == {MINISTRY, CABLE, POLICE}
    assert len(told(stores, anna)) == messages
    assert rejudge(now_known, anna.profile_id, now()) == Rejudged(events=3)


def test_events_that_nobody_judged_are_judged_batch_by_batch(
    stores: Stores, anna: Profile, priya: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "BATCH", 3)
    at = now()
    same_instant = [visit(anna, visitor_id=str(index), timestamp=at) for index in range(7)]
    events.store(stores, [*same_instant, visit(priya)], at)
    assert rejudge(judging(stores), anna.profile_id, at) == Rejudged(events=7, changed=7, alerts=7)
    assert len(alerts(stores, anna)) == 7
    assert alerts(stores, priya) == []


def test_alerts_move_to_the_days_of_another_zone_with_their_events(stores: Stores, anna: Profile) -> None:
    judged, evening = judging(stores), datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    events.store(judged, [visit(anna, timestamp=evening)], evening)
    changes.change(stores.database, anna.profile_id, "Asia/Tokyo", "EUR")
    assert rejudge(judged, anna.profile_id, now()) == Rejudged(events=1)
    # In Berlin it would be the same day still, in Tokyo it is the next but one to the first.
    events.store(judged, [visit(anna, timestamp=evening - timedelta(hours=6))], evening)
    tokyo = profiles.find(stores.database, anna.profile_id)
    assert [tokyo.local_date(alert.timestamp).day for alert in alerts(stores, anna)] == [21, 20]


def test_without_an_address_or_a_database_the_verdict_stays(stores: Stores, anna: Profile) -> None:
    events.store(judging(stores), [visit(anna), visit(anna, POLICE)], now())
    hashed = update(profile_events).values(ip_address=None).where(profile_events.c.ip_address == POLICE)
    with stores.database.transaction() as tx:
        tx.run(hashed)
    blind = judging(stores, Known(MINISTRY, None, 0.0), Known(UNKNOWN, None, 0.0))
    assert rejudge(blind, anna.profile_id, now()) == Rejudged(events=1)
    assert [each["is_gov_ip"] for each in verdicts(stores, anna)] == [True, True]


def test_turned_off_it_says_so(stores: Stores, anna: Profile) -> None:
    with pytest.raises(NotDetecting, match="turned off"):
        rejudge(stores, anna.profile_id, now())
