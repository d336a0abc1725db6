"""Alerts by REST: the newest first, a page at a time; acknowledged, muted and taken back."""

from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.stores import Stores
from services.ingest import events
from services.ingest.inputs import Event as Visit
from services.profiles import Profile
from services.retention.addresses import TASK
from tests.api.conftest import Ask, Headers, pointers, problem
from tests.judge import MINISTRY, POLICE, judging

NOON = datetime.fromisoformat("2026-11-20T11:00:00+00:00")


@pytest.fixture
def address(anna: Profile) -> str:
    return f"/api/gov-detection/alerts/{anna.profile_id}"


@pytest.fixture(autouse=True)
def visits(stores: Stores, anna: Profile) -> None:
    """Five visits of as many people on as many days, the last one of the police."""
    for index, ip in enumerate((MINISTRY,) * 4 + (POLICE,)):
        at = NOON - timedelta(days=4 - index)
        visit = Visit(profile_id=anna.profile_id, event_type="view", ip=ip, timestamp=at)
        events.store(judging(stores), [visit], at)


def ids(body: Any) -> list[str]:
    return [alert["alertId"] for alert in body["alerts"]]


def test_an_alert_has_all_that_is_known(get: Ask, address: str, anna: Profile) -> None:
    body = get(address).json
    assert (body["profileId"], body["unseen"], body["mutedNetworks"]) == (str(anna.profile_id), 5, [])
    first = body["alerts"][0]
    assert {name: first[name] for name in first.keys() - {"alertId", "eventId"}} == {
        "timestamp": "2026-11-20T12:00:00+01:00",
        "ip": POLICE,
        "addressTag": None,
        "confidence": 0.81,
        "kind": "law_enforcement",
        "organization": "State Police",
        "asn": "AS64501",
        "country": "US",
        "reasons": ["The name says police."],
        "listVersion": "2026-11-01",
        "seenAt": None,
        "muted": False,
    }


def test_an_address_whose_period_has_passed_is_a_tag(
    get: Ask, address: str, stores: Stores, anna: Profile
) -> None:
    TASK.run(stores, anna.profile_id, NOON + timedelta(days=95), stores.periods, Event())
    alerts = get(address).json["alerts"]
    assert {alert["ip"] for alert in alerts} == {None}
    police, *ministry = [alert["addressTag"] for alert in alerts]
    assert len(police) == 6
    assert len(set(ministry)) == 1
    assert police not in ministry


def test_pages(get: Ask, address: str) -> None:
    every = ids(get(address).json)
    assert len(every) == 5
    found: list[str] = []
    cursor = {}
    while len(found) < 5:
        body = get(address, limit=2, **cursor).json
        found += ids(body)
        cursor = {"cursor": body["nextCursor"]}
    assert (found, body["nextCursor"]) == (every, None)
    assert pointers(get(address, cursor="nonsense")) == ["cursor"]


def test_days_narrow_the_list(get: Ask, address: str) -> None:
    assert len(get(address, **{"from": "2026-11-17", "to": "2026-11-19"}).json["alerts"]) == 3


def test_acknowledged(get: Ask, post: Ask, address: str) -> None:
    one, *rest = ids(get(address).json)
    assert post(f"{address}/acknowledge", {"alertIds": [one]}).json["unseen"] == 4
    assert ids(get(address, unseen="true").json) == rest
    assert get(address).json["alerts"][0]["seenAt"] is not None
    assert post(f"{address}/acknowledge", {}).json["unseen"] == 0
    assert pointers(post(f"{address}/acknowledge", {"alertIds": ["x"]})) == ["/alertIds/0"]


def test_muted_and_taken_back(get: Ask, post: Ask, address: str) -> None:
    of_ministry = ids(get(address).json)[-1]
    assert post(f"{address}/mute", {"alertId": of_ministry}).json["unseen"] == 1
    body = get(address).json
    assert [alert["muted"] for alert in body["alerts"]] == [False, True, True, True, True]
    (muted,) = body["mutedNetworks"]
    assert (muted["organization"], muted["asn"]) == ("Ministère de l'Intérieur", "AS64500")
    assert post(f"{address}/unmute", {"alertId": of_ministry}).json["unseen"] == 5
    assert get(address).json["mutedNetworks"] == []
    problem(post(f"{address}/unmute", {"alertId": of_ministry}), 404, "not-found")


def test_another_profiles_alert_is_none(
    client: FlaskClient, get: Ask, address: str, charlies: Profile, charlie: Headers
) -> None:
    own = ids(get(address).json)[0]
    foreign = f"/api/gov-detection/alerts/{charlies.profile_id}"
    problem(client.post(f"{foreign}/mute", json={"alertId": own}, headers=charlie), 404, "not-found")
    assert client.post(f"{foreign}/acknowledge", json={"alertIds": [own]}, headers=charlie).status_code == 200
    assert get(address).json["unseen"] == 5
