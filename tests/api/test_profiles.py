from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.schemas import ProfileShape
from models.ids import new_id
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, pointers, problem, token

PROFILES = "/api/profiles"
DORA = {"name": "Dora", "timezone": "Europe/Paris", "currency": "EUR", "hosts": ["Dora.Example"]}
WRONG: tuple[tuple[str, Any], ...] = (
    ("name", ""),
    ("name", "x" * 201),
    ("name", "a\x00b"),
    ("name", "\ud800"),
    ("timezone", "Mars/Olympus"),
    ("timezone", "x" * 65),
    ("timezone", "Europe/\ud800"),
    ("currency", "ZZZ"),
    ("hosts", "dora.example"),
    ("id", "x"),
    ("owner", "dora"),
)


@pytest.fixture
def provision(client: FlaskClient, platform: Headers) -> Ask:
    """Makes a profile as the platform."""

    def send(body: Any) -> TestResponse:
        return client.post(PROFILES, json=body, headers=platform)

    return send


@pytest.fixture
def put(client: FlaskClient, alice: Headers, anna: Profile) -> Ask:
    """Edits Anna as Alice."""

    def send(body: Any) -> TestResponse:
        return client.put(f"{PROFILES}/{anna.profile_id}", json=body, headers=alice)

    return send


def test_a_platform_makes_one(provision: Ask, client: FlaskClient, platform: Headers) -> None:
    own = str(new_id())
    answer = provision({**DORA, "id": own})
    assert answer.status_code == 201
    ProfileShape.model_validate(answer.json)
    assert answer.json == {
        "id": own,
        "name": "Dora",
        "timezone": "Europe/Paris",
        "currency": "EUR",
        "hosts": ["dora.example"],
        "publicKey": answer.json["publicKey"],
    }
    assert len(answer.json["publicKey"]) >= 20
    assert client.get(f"/api/pnl/{own}", headers=platform).status_code == 200
    problem(provision({**DORA, "id": own}), 409, "conflict")


def test_nobody_else_makes_one(post: Ask, client: FlaskClient, stores: Stores) -> None:
    problem(post(PROFILES, DORA), 403)
    writer = token(stores, "writer", None, "events:write")
    problem(client.post(PROFILES, json=DORA, headers=writer), 403)


def test_a_bad_value_is_named(provision: Ask) -> None:
    for field, value in WRONG:
        assert pointers(provision({**DORA, field: value})) == [f"/{field}"], (field, value)
    assert pointers(provision({**DORA, "hosts": ["a.example", "https://b.example"]})) == ["/hosts/1"]
    assert pointers(provision({})) == ["/name", "/timezone", "/currency"]


def test_an_edit_changes_what_is_given(put: Ask, anna: Profile) -> None:
    answer = put({"name": "Anna B", "hosts": ["anna.example"]})
    assert answer.status_code == 200
    ProfileShape.model_validate(answer.json)
    assert answer.json == {
        "id": str(anna.profile_id),
        "name": "Anna B",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "hosts": ["anna.example"],
        "publicKey": anna.public_key,
    }
    assert put({"timezone": "Europe/Paris", "currency": "CHF"}).json["timezone"] == "Europe/Paris"
    assert put({}).json["name"] == "Anna B"


def test_zone_and_currency_stay_once_there_is_data(put: Ask, post: Ask, anna: Profile) -> None:
    post("/api/profile-analytics/event", {"profileId": str(anna.profile_id), "eventType": "view"})
    problem(put({"timezone": "Europe/Paris"}), 409)
    problem(put({"currency": "CHF"}), 409)
    assert put({"timezone": "Europe/Berlin", "name": "Anna C"}).json["name"] == "Anna C"
