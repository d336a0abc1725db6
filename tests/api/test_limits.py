from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.stores import Stores, open_redis
from services.profiles import Profile
from tests.api.conftest import Headers, problem, signed_in, token

EVENT = "/api/profile-analytics/event"
Limited = Callable[..., FlaskClient]


@pytest.fixture
def limited(stores: Stores, tmp_path: Path) -> Limited:
    """The app with these limits a minute."""

    def build(requests: int = 600, events: int = 60_000, of: Stores = stores) -> FlaskClient:
        config = Config(data_dir=tmp_path, requests_per_minute=requests, events_per_minute=events)
        return create_app(config, of).test_client()

    return build


def test_too_many_requests(limited: Limited, alice: Headers, bob: Headers, anna: Profile) -> None:
    client, address = limited(requests=3), f"/api/pnl/{anna.profile_id}"
    assert [client.get(address, headers=alice).status_code for _ in range(3)] == [200] * 3
    answer = client.get(address, headers=alice)
    problem(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get(address, headers=bob).status_code == 200


def test_strangers_are_counted_by_address(limited: Limited) -> None:
    client = limited(requests=2)
    answers = [client.get("/api/nothing") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    elsewhere = client.get("/api/nothing", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 404


def test_strangers_are_counted_on_the_pages_too(limited: Limited, stores: Stores, anna: Profile) -> None:
    client = limited(requests=4)
    member = client.application.test_client()
    member.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    signed_in(member, stores, "alice@example.org", anna, "owner")
    member.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    asked = [client.get(path).status_code for path in ("/sign-in", "/", "/costs", "/_dash-layout")]
    assert asked == [200, 302, 302, 401]
    page, behind = client.get("/sign-in"), client.post("/_dash-update-component", json={})
    assert (page.status_code, behind.status_code) == (429, 429)
    assert (
        "Too many requests" in page.text and page.mimetype == "text/html" and behind.mimetype == "text/plain"
    )
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in (page, behind))
    assert client.post("/sign-in", data={"email": "alice@example.org"}).status_code == 429
    for path in ("/healthz", "/readyz", "/track.js", "/favicon.ico", "/assets/nothing.css"):
        assert client.get(path).status_code != 429, path
    assert {member.get("/costs").status_code for _ in range(6)} == {200}
    assert client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200


def test_events_are_counted_apart(limited: Limited, alice: Headers, anna: Profile) -> None:
    client = limited(events=5)
    view = {"profileId": str(anna.profile_id), "eventType": "view"}
    assert client.post(EVENT, json={"events": [view] * 5}, headers=alice).status_code == 201
    problem(client.post(EVENT, json=view, headers=alice), 429)
    overview = client.get(f"/api/profile-analytics/{anna.profile_id}/overview", headers=alice)
    assert overview.json["views"] == 5


def test_limits_hold_without_redis(limited: Limited, stores: Stores, anna: Profile) -> None:
    away = Stores(stores.database, open_redis("redis://127.0.0.1:1"), stores.keys)
    client = limited(requests=3, of=away)
    someone = token(stores, f"someone of {anna.profile_id}", [anna])
    address = f"/api/pnl/{anna.profile_id}"
    assert [client.get(address, headers=someone).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_guesses_of_a_password_are_limited_while_redis_is_away(
    limited: Limited, stores: Stores, anna: Profile
) -> None:
    signed_in(limited(), stores, "alice@example.org", anna, "owner")
    guesser = limited(of=Stores(stores.database, open_redis("redis://127.0.0.1:1"), stores.keys))
    guesser.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin", "REMOTE_ADDR": "192.0.2.77"}
    guess = {"email": "alice@example.org", "password": "wrong by far"}
    answers = [guesser.post("/sign-in", data=guess).status_code for _ in range(12)]
    assert answers[0] == 401 and answers[-1] == 429
