import json
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api.schemas import Stored
from models.clock import now
from models.ids import new_id
from models.schema import profile_events
from models.stores import Stores
from services import rollups
from services.ingest import events
from services.ingest.inputs import Event
from services.profiles import Profile
from services.retention.months import close_months
from tests.api.conftest import Ask, Headers, pointers, problem, token

EVENT = "/api/profile-analytics/event"
WRONG: tuple[tuple[str, Any], ...] = (
    ("ip", "999.1.1.1"),
    ("ip", "fe80::1%eth0"),
    ("ip", 7),
    ("eventType", "glance"),
    ("profileId", "anna"),
    ("id", 12),
    ("timestamp", "yesterday"),
    ("timestamp", "2026-01-01T00:00:00"),
    ("timestamp", 1767225600),
    ("timestamp", "9999-12-31T23:59:59Z"),
    ("userAgent", "a\x00b"),
    ("userAgent", "x" * 2001),
    ("referrer", "a\x00b"),
    ("referrer", "\ud800"),
    ("url", "x" * 5000),
    ("target", ""),
    ("target", "\udfff"),
    ("visitorId", "a\nb"),
    ("country", "Germany"),
    ("durationSeconds", -1),
    ("durationSeconds", 10**30),
    ("durationSeconds", 10**400),
    ("durationSeconds", "long"),
    ("durationSeconds", float("nan")),
    ("durationSeconds", float("inf")),
    ("isOwner", "perhaps"),
)


@pytest.fixture
def view(anna: Profile) -> dict[str, Any]:
    return {"profileId": str(anna.profile_id), "eventType": "view"}


def views(get: Ask, profile: Profile) -> int:
    number: int = get(f"/api/profile-analytics/{profile.profile_id}/overview", period="12m").json["views"]
    return number


def test_one_event(post: Ask, get: Ask, view: dict[str, Any], anna: Profile, stores: Stores) -> None:
    answer = post(EVENT, view)
    assert answer.status_code == 201
    Stored.model_validate(answer.json)
    assert answer.json["stored"] == 1
    assert answer.json["duplicates"] == 0
    assert views(get, anna) == 1
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_every_field_is_taken(post: Ask, view: dict[str, Any]) -> None:
    full = {
        **view,
        "id": str(new_id()),
        "timestamp": (now() - timedelta(hours=1)).isoformat(),
        "ip": "192.0.2.1",
        "userAgent": "Mozilla/5.0",
        "referrer": "https://www.instagram.com/",
        "url": "https://anna.example/?utm_source=x",
        "target": "gift-catalog",
        "durationSeconds": 12.5,
        "visitorId": "visitor",
        "country": "de",
        "isOwner": False,
        "somethingOfTheirs": {"kept": False},
    }
    answer = post(EVENT, full)
    assert answer.status_code == 201, answer.text
    assert answer.json["ids"] == [full["id"]]


def test_a_repeated_id_counts_once(post: Ask, get: Ask, view: dict[str, Any], anna: Profile) -> None:
    own = {**view, "id": str(new_id()), "timestamp": now().isoformat()}
    assert post(EVENT, own).json["stored"] == 1
    again = post(EVENT, own)
    assert again.status_code == 201
    assert again.json == {"ids": [own["id"]], "stored": 0, "duplicates": 1}
    assert views(get, anna) == 1


def test_a_batch_of_1000(post: Ask, get: Ask, view: dict[str, Any], anna: Profile) -> None:
    answer = post(EVENT, {"events": [view] * 1000})
    assert answer.status_code == 201
    assert answer.json["stored"] == 1000
    assert len(set(answer.json["ids"])) == 1000
    assert views(get, anna) == 1000


def test_1001_events_are_too_many(post: Ask, get: Ask, view: dict[str, Any], anna: Profile) -> None:
    assert pointers(post(EVENT, {"events": [view] * 1001})) == ["/events"]
    assert pointers(post(EVENT, {"events": []})) == ["/events"]
    assert views(get, anna) == 0


def test_a_batch_names_each_bad_item_and_stores_nothing(
    post: Ask, get: Ask, view: dict[str, Any], anna: Profile
) -> None:
    batch = [dict(view) for _ in range(1000)]
    batch[3]["ip"] = "999.1.1.1"
    batch[500]["eventType"] = "glance"
    del batch[700]["profileId"]
    batch[998]["durationSeconds"] = -1
    batch[999]["id"] = str(new_id())
    assert pointers(post(EVENT, {"events": batch})) == [
        "/events/3/ip",
        "/events/500/eventType",
        "/events/700/profileId",
        "/events/998/durationSeconds",
        "/events/999",
    ]
    assert views(get, anna) == 0


def test_times_that_can_not_be(post: Ask, view: dict[str, Any]) -> None:
    future = {**view, "timestamp": (now() + timedelta(hours=1)).isoformat()}
    ancient = {**view, "timestamp": "1985-01-01T00:00:00Z"}
    assert pointers(post(EVENT, future)) == ["/timestamp"]
    assert pointers(post(EVENT, ancient)) == ["/timestamp"]
    assert pointers(post(EVENT, {"events": [view, future, ancient]})) == [
        "/events/1/timestamp",
        "/events/2/timestamp",
    ]


def test_a_bad_value_is_named(post: Ask, get: Ask, view: dict[str, Any], anna: Profile) -> None:
    for field, value in WRONG:
        bad = {**view, field: value}
        assert pointers(post(EVENT, bad)) == [f"/{field}"], (field, value)
        assert pointers(post(EVENT, {"events": [view, bad]})) == [f"/events/1/{field}"], (field, value)
    assert views(get, anna) == 0


def test_a_number_beyond_every_number(client: FlaskClient, alice: Headers, view: dict[str, Any]) -> None:
    body = json.dumps({**view, "durationSeconds": 0}).replace(": 0}", ": 1e400}")
    answer = client.post(EVENT, data=body, content_type="application/json", headers=alice)
    assert pointers(answer) == ["/durationSeconds"]


def test_an_own_id_needs_an_own_time(post: Ask, view: dict[str, Any]) -> None:
    assert pointers(post(EVENT, {**view, "id": str(new_id())})) == [""]


def test_events_of_others_are_refused(
    post: Ask, get: Ask, view: dict[str, Any], anna: Profile, charlies: Profile
) -> None:
    others = {**view, "profileId": str(charlies.profile_id)}
    problem(post(EVENT, others), 404)
    assert pointers(post(EVENT, {"events": [view, others]})) == ["/events/1/profileId"]
    assert views(get, anna) == 0


def test_an_unknown_profile_stores_nothing(
    client: FlaskClient, platform: Headers, get: Ask, view: dict[str, Any], anna: Profile
) -> None:
    unknown = {**view, "profileId": str(new_id())}
    problem(client.post(EVENT, json={"events": [view, unknown]}, headers=platform), 404)
    assert views(get, anna) == 0


def test_a_platform_sends_for_several_profiles(
    client: FlaskClient, platform: Headers, view: dict[str, Any], charlies: Profile
) -> None:
    others = {**view, "profileId": str(charlies.profile_id)}
    assert client.post(EVENT, json={"events": [view, others]}, headers=platform).json["stored"] == 2


def unique(get: Ask, profile: Profile) -> int:
    number: int = get(f"/api/profile-analytics/{profile.profile_id}/overview").json["uniqueVisitors"]
    return number


def test_an_address_is_believed_from_a_platform(
    client: FlaskClient, platform: Headers, get: Ask, view: dict[str, Any], anna: Profile
) -> None:
    for last in (1, 2, 3):
        client.post(EVENT, json={**view, "ip": f"192.0.2.{last}"}, headers=platform)
    assert unique(get, anna) == 3


def test_an_address_is_not_believed_from_anyone_else(
    post: Ask, get: Ask, view: dict[str, Any], anna: Profile
) -> None:
    for last in (1, 2, 3):
        post(EVENT, {**view, "ip": f"192.0.2.{last}", "userAgent": f"Browser {last}"})
    assert unique(get, anna) == 1


def test_a_token_that_may_only_write_events(
    client: FlaskClient, stores: Stores, view: dict[str, Any], anna: Profile
) -> None:
    writer = token(stores, "writer", [anna], "events:write")
    assert client.post(EVENT, json=view, headers=writer).status_code == 201
    problem(client.get(f"/api/profile-analytics/{anna.profile_id}/overview", headers=writer), 403)


def test_a_closed_month_is_named(post: Ask, view: dict[str, Any], anna: Profile, stores: Stores) -> None:
    old = datetime(2020, 5, 5, tzinfo=UTC)
    events.store(stores, [Event(profile_id=anna.profile_id, event_type="view", timestamp=old)], old)
    close_months(stores, anna.profile_id, now(), timedelta(days=365), Signal())
    late = {**view, "timestamp": "2020-05-31T12:00:00+02:00"}
    answer = post(EVENT, {"events": [view, late, view]})
    assert (answer.status_code, answer.json["code"]) == (422, "period-closed")
    assert [each["pointer"] for each in answer.json["errors"]] == ["/events/1/timestamp"]
    assert "May 2020 is closed" in answer.json["errors"][0]["detail"]
    alone = post(EVENT, late)
    assert (alone.status_code, alone.json["code"]) == (422, "period-closed")
    assert [each["pointer"] for each in alone.json["errors"]] == ["/timestamp"]
    with stores.database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(profile_events)) == 0
