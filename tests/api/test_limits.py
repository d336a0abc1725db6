from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.stores import Stores, open_redis
from services.profiles import Profile
from tests.api.conftest import Headers, problem, token

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
