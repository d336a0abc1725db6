from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.schemas import ProfileShape
from models.clock import now
from models.ids import new_id
from models.stores import Stores
from services import changes, rollups
from services.jobs import runner
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
        "change": None,
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
    assert pointers(provision({**DORA, "hosts": ["a.example", "https://"]})) == ["/hosts/1"]
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
        "change": None,
    }
    assert put({"timezone": "Europe/Paris", "currency": "CHF"}).json["timezone"] == "Europe/Paris"
    assert put({}).json["name"] == "Anna B"


def test_with_data_another_zone_or_currency_counts_everything_again(
    put: Ask, get: Ask, a_month: None, anna: Profile, publish: Callable[..., None], stores: Stores
) -> None:
    for back in range(0, 70, 7):
        publish("JPY", str(now().date() - timedelta(days=back)), "160")
    before = get(f"/api/revenue/{anna.profile_id}/summary", period="12m").json
    answer = put({"timezone": "Asia/Tokyo", "currency": "JPY", "name": "Anna B"})
    assert answer.status_code == 202
    ProfileShape.model_validate(answer.json)
    assert (answer.json["name"], answer.json["timezone"]) == ("Anna B", "Europe/Berlin")
    assert answer.json["change"]["status"] == "queued"
    assert runner.one(stores)
    shown = get(f"{PROFILES}/{anna.profile_id}")
    ProfileShape.model_validate(shown.json)
    assert (shown.json["timezone"], shown.json["currency"]) == ("Asia/Tokyo", "JPY")
    change = shown.json["change"]
    assert (change["status"], change["timezone"], change["currency"]) == ("done", "Asia/Tokyo", "JPY")
    assert change["done"] == change["total"] > 0
    after = get(f"/api/revenue/{anna.profile_id}/summary", period="12m").json
    # Each amount is rounded to whole yen by itself.
    assert abs(Decimal(after["gross"]) - Decimal(before["gross"]) * 160) < 4
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert put({"name": "Anna C", "timezone": "Asia/Tokyo"}).json["change"] is None


def test_meanwhile_the_profile_is_as_it_was(
    put: Ask, get: Ask, a_month: None, anna: Profile, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = put({"timezone": "Asia/Kolkata"})
    assert (begun.status_code, begun.json["timezone"]) == (202, "Europe/Berlin")
    change, seen = changes.change, []

    def and_look(*given: Any) -> None:
        seen.extend((get(f"{PROFILES}/{anna.profile_id}"), put({"name": "Anna B"})))
        problem(put({"currency": "CHF"}), 409, "conflict")
        change(*given)

    monkeypatch.setattr(changes, "change", and_look)
    assert runner.one(stores)
    assert [answer.json["timezone"] for answer in seen] == ["Europe/Berlin"] * 2
    for answer in seen:
        ProfileShape.model_validate(answer.json)
        assert answer.json["change"]["status"] == "running"
        assert answer.json["change"]["timezone"] == "Asia/Kolkata"
    shown = get(f"{PROFILES}/{anna.profile_id}").json
    assert (shown["timezone"], shown["change"]["status"]) == ("Asia/Kolkata", "done")


def test_a_bad_zone_or_currency_begins_nothing(put: Ask, get: Ask, a_month: None, anna: Profile) -> None:
    assert pointers(put({"timezone": "Mars/Base", "name": "X"})) == ["/timezone"]
    assert pointers(put({"timezone": "Asia/Tokyo", "currency": "ZZZ"})) == ["/currency"]
    shown = get(f"{PROFILES}/{anna.profile_id}").json
    assert (shown["name"], shown["change"]) == ("Anna", None)
