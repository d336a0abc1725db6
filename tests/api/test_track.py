"""The tracker's script and its door, which are open to strangers and to every site."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.track import SCRIPT, _believed
from app import create_app
from components.settings.tracker import snippet
from config import Config
from models.clock import now
from models.ids import new_id
from models.schema import profile_events
from models.stores import Stores
from services import profiles, rollups
from services.profiles import Profile
from tests.api.conftest import Ask, pointers, problem, signed_in

DOOR = "/api/track"
SITE = "https://anna.example"
WRONG: tuple[tuple[str, Any], ...] = (
    ("key", ""),
    ("key", "a\x00b"),
    ("key", 7),
    ("id", None),
    ("id", "one"),
    ("eventType", "glance"),
    ("timestamp", None),
    ("timestamp", "2026-01-01T00:00:00"),
    ("timestamp", 1767225600000),
    ("sentAt", "now"),
    ("url", None),
    ("url", "x" * 4001),
    ("referrer", "a\x00b"),
    ("target", ""),
    ("durationSeconds", -1),
    ("durationSeconds", 86_401),
    ("somethingElse", 1),
)
Tell = Callable[..., TestResponse]


@pytest.fixture
def tell(client: FlaskClient, anna: Profile) -> Tell:
    """Sends what the script would for a view of Anna's page; `tell(durationSeconds=3)`."""

    def send(headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        at = now().isoformat()
        told = {
            "key": anna.public_key,
            "id": str(new_id()),
            "eventType": "view",
            "timestamp": at,
            "sentAt": at,
            "url": f"{SITE}/",
            "referrer": "",
        }
        body = json.dumps({name: value for name, value in {**told, **fields}.items() if value is not None})
        return client.post(
            DOOR,
            data=body,
            content_type="text/plain;charset=UTF-8",
            headers={"Origin": SITE, **(headers or {})},
        )

    return send


def stored(stores: Stores, profile: Profile) -> list[Any]:
    """The profile's events, by time."""
    of_it = profile_events.c.profile_id == profile.profile_id
    with stores.database.transaction() as tx:
        return list(tx.rows(select(profile_events).where(of_it).order_by(profile_events.c.timestamp)))


def restrict(stores: Stores, profile: Profile, *hosts: str) -> None:
    with stores.database.transaction() as tx:
        profiles.edit(tx, profile.profile_id, at=now(), own_hosts=hosts)


def test_the_script_is_small_and_keeps_nothing(client: FlaskClient) -> None:
    answer = client.get("/track.js")
    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.data == SCRIPT.read_bytes()
    assert len(answer.data) < 2048
    for word in ("cookie", "localStorage", "sessionStorage", "indexedDB", "caches", "userAgent", "screen"):
        assert word not in answer.text


def test_the_script_may_be_kept_and_used_by_every_site(client: FlaskClient) -> None:
    answer = client.get("/track.js")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/track.js?v=2", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_view(tell: Tell, get: Ask, stores: Stores, anna: Profile) -> None:
    answer = tell(
        referrer="https://www.instagram.com/", headers={"User-Agent": "Mozilla/5.0 (Windows NT 10)"}
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    (view,) = stored(stores, anna)
    assert (view["event_type"], view["referrer_source"]) == ("view", "Instagram")
    assert (str(view["ip_address"]), view["user_agent"]) == ("127.0.0.1", "Mozilla/5.0 (Windows NT 10)")
    assert (view["url"], view["visible_ms"], view["is_owner"]) == (f"{SITE}/", None, False)
    overview = get(f"/api/profile-analytics/{anna.profile_id}/overview").json
    assert (overview["views"], overview["uniqueVisitors"]) == (1, 1)


def test_it_counts_once_and_its_longest_time(tell: Tell, get: Ask, stores: Stores, anna: Profile) -> None:
    one = {"id": str(new_id()), "timestamp": now().isoformat()}
    for seconds in (None, 12.5, 4, 31, None):
        assert tell(**one, durationSeconds=seconds).status_code == 204
    assert [view["visible_ms"] for view in stored(stores, anna)] == [31_000]
    overview = get(f"/api/profile-analytics/{anna.profile_id}/overview").json
    assert (overview["views"], overview["avgTimeOnProfile"]) == (1, 31.0)
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_what_is_clicked(tell: Tell, stores: Stores, anna: Profile) -> None:
    tell(eventType="click", target="gift-catalog")
    tell(eventType="inquiry", referrer="https://t.co/x")
    click, inquiry = stored(stores, anna)
    assert (click["event_type"], click["target"]) == ("click", "gift-catalog")
    assert (inquiry["event_type"], inquiry["referrer_source"]) == ("inquiry", "X")


def test_the_page_itself_is_no_source(tell: Tell, stores: Stores, anna: Profile) -> None:
    tell(referrer=f"{SITE}/gifts")
    tell(referrer=f"{SITE}/gifts", url=f"{SITE}/?utm_source=newsletter")
    tell(referrer="https://other.example/")
    assert [view["referrer_source"] for view in stored(stores, anna)] == [None, "newsletter", "other.example"]


def test_json_by_its_own_name(client: FlaskClient, anna: Profile) -> None:
    at = now().isoformat()
    told = {"key": anna.public_key, "id": str(new_id()), "eventType": "view", "url": SITE}
    assert client.post(DOOR, json={**told, "timestamp": at, "sentAt": at}).status_code == 204


def test_an_unknown_key(tell: Tell, stores: Stores, anna: Profile) -> None:
    answer = tell(key=f"{anna.public_key}x")
    assert problem(answer, 404, "not-found")["detail"] == "No profile has this key."
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert stored(stores, anna) == []


def test_own_hosts_alone(tell: Tell, stores: Stores, anna: Profile) -> None:
    restrict(stores, anna, "anna.example")
    for origin in ("https://anna.example", "http://www.anna.example:8080", "https://shop.ANNA.example"):
        assert tell(headers={"Origin": origin}).status_code == 204, origin
    for origin in (
        "https://evil.example",
        "https://anna.example.evil.example",
        "https://notanna.example",
        "null",
    ):
        refused = problem(tell(headers={"Origin": origin}), 403, "forbidden")
        assert f"{origin} is none of them" in refused["detail"]
    assert "names no site" in problem(tell(headers={"Origin": ""}), 403)["detail"]
    assert len(stored(stores, anna)) == 3


def test_every_origin_without_own_hosts(tell: Tell, stores: Stores, anna: Profile) -> None:
    for origin in ("https://anywhere.example", "null", ""):
        assert tell(headers={"Origin": origin}).status_code == 204
    assert len(stored(stores, anna)) == 3


@pytest.mark.parametrize("wish", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_tracked_is_not(tell: Tell, stores: Stores, anna: Profile, wish: str) -> None:
    assert tell(headers={wish: "1"}).status_code == 204
    assert stored(stores, anna) == []
    tell(headers={wish: "0"})
    assert len(stored(stores, anna)) == 1


@pytest.mark.parametrize("off", [timedelta(hours=-7), timedelta(days=400), timedelta(minutes=-25)])
def test_a_wrong_clock(tell: Tell, stores: Stores, anna: Profile, off: timedelta) -> None:
    """The view, a minute ago, and its seconds, now, by a clock that is `off`."""
    seen, sent = now() - timedelta(minutes=1), now()
    view = {"id": str(new_id()), "timestamp": (seen + off).isoformat()}
    tell(**view, sentAt=(seen + off).isoformat())
    tell(**view, sentAt=(sent + off).isoformat(), durationSeconds=60)
    (only,) = stored(stores, anna)
    assert abs(only["timestamp"] - seen) <= timedelta(minutes=7.5)
    assert only["visible_ms"] == 60_000


@pytest.mark.parametrize(
    ("at", "sent"), [("2026-01-01", "2100-12-31"), ("2100-12-31", "1970-01-02"), ("1970-01-02", "2100-01-01")]
)
def test_a_clock_beyond_all_reason(tell: Tell, stores: Stores, anna: Profile, at: str, sent: str) -> None:
    answer = tell(timestamp=f"{at}T00:00:00Z", sentAt=f"{sent}T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/timestamp"
    assert stored(stores, anna) == []


@given(
    off=st.timedeltas(timedelta(days=-900), timedelta(days=900)),
    way=st.timedeltas(timedelta(0), timedelta(minutes=5)),
)
def test_a_clock_by_quarters_of_an_hour(off: timedelta, way: timedelta) -> None:
    received = datetime(2026, 3, 31, 12, tzinfo=UTC)
    sent = received - way + off
    moved = _believed(sent, sent, received) - sent
    assert moved % timedelta(minutes=15) == timedelta(0)
    assert abs(sent + moved - received) <= timedelta(minutes=7.5)
    if abs(received - sent) < timedelta(minutes=2):
        assert moved == timedelta(0)


def test_times_that_can_not_be(tell: Tell, stores: Stores, anna: Profile) -> None:
    for away in (timedelta(hours=1), timedelta(days=-3), timedelta(days=-20_000)):
        assert pointers(tell(timestamp=(now() + away).isoformat())) == ["/timestamp"]
    assert stored(stores, anna) == []


def test_a_bad_value_is_named(tell: Tell, stores: Stores, anna: Profile) -> None:
    for field, value in WRONG:
        assert pointers(tell(**{field: value})) == [f"/{field}"], (field, value)
    assert stored(stores, anna) == []


def test_what_is_no_json(client: FlaskClient) -> None:
    for kind in ("text/plain", "application/json"):
        for body in (b"", b"{", b"\xff\xfe\x00"):
            problem(client.post(DOOR, data=body, content_type=kind), 422, "invalid-json")
        assert pointers(client.post(DOOR, data=b"[]", content_type=kind)) == [""]
    problem(client.post(DOOR, data=b"{}", content_type="application/x-www-form-urlencoded"), 415)
    problem(client.get(DOOR), 405)


def test_limits_by_address(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    client = create_app(Config(data_dir=tmp_path, events_per_minute=2), stores).test_client()
    at = now().isoformat()
    told = {"key": anna.public_key, "eventType": "view", "url": SITE, "timestamp": at, "sentAt": at}

    def send(address: str) -> TestResponse:
        return client.post(DOOR, json={**told, "id": str(new_id())}, environ_base={"REMOTE_ADDR": address})

    assert [send("192.0.2.1").status_code for _ in range(3)] == [204, 204, 429]
    assert send("192.0.2.1").headers["Retry-After"]
    assert send("192.0.2.2").status_code == 204


def test_the_session_plays_no_part(client: FlaskClient, tell: Tell, stores: Stores, anna: Profile) -> None:
    signed_in(client, stores, "alice@example.org", anna, "owner")
    answer = tell(headers={"Origin": "https://anywhere.example"})
    assert answer.status_code == 204
    for each in (answer, client.get("/track.js")):
        assert "Set-Cookie" not in each.headers
        assert "Cookie" not in each.headers.get("Vary", "")
    assert [view["is_owner"] for view in stored(stores, anna)] == [False]
    assert client.get(f"/api/pnl/{anna.profile_id}").status_code == 200


def test_the_snippet_names_script_and_profile() -> None:
    assert snippet("k-1", "https://analytics.example/") == (
        '<script defer src="https://analytics.example/track.js" data-key="k-1"></script>'
    )
    assert '"><b>' not in snippet('"><b>', 'https://x.example/"><b>')
