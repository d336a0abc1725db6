"""Bodies that nobody sends by mistake: each is refused, and none is an error of ours."""

import json
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient

import bodies
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Headers, problem, signed_in

CALLS = "/_dash-update-component"
WRITES = ("/api/profile-analytics/event", "/api/costs", "/api/transactions", "/api/profiles", "/api/track")
LEAD: dict[str, Any] = {
    "output": "costs-lead.children",
    "outputs": {"id": "costs-lead", "property": "children"},
    "inputs": [
        {"id": "query", "property": "data", "value": ""},
        {"id": "costs-changed", "property": "data", "value": 0},
    ],
    "changedPropIds": ["query.data"],
}
DEEP = (
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 65 + b"{}" + b"}" * 65,
)
HUGE = (b"1" * 100_000, b'{"a": ' + b"9" * 100_000 + b"}", b'{"a": -' + b"9" * 5_000 + b"}")
TWICE = (b'{"profileId": "a", "profileId": "b"}', b'{"metadata": {"a": 1, "a": 2}}')
NO_CALLS: tuple[Any, ...] = (
    None, [], {}, 1, "x", {"output": 1}, {"output": "nothing.children"}, {**LEAD, "inputs": []},
    {**LEAD, "inputs": {}}, {**LEAD, "inputs": [1, 2]}, {**LEAD, "inputs": [[[]], []]},
    {**LEAD, "inputs": [{"id": 1, "property": "data"}, {"id": "a", "property": "data"}]},
    {**LEAD, "state": [{}]}, {**LEAD, "changedPropIds": "query.data"}, {**LEAD, "changedPropIds": [{}]},
)  # fmt: skip


@pytest.fixture
def browser(client: FlaskClient, stores: Stores, anna: Profile) -> FlaskClient:
    """Alice's browser, signed in."""
    signed_in(client, stores, "alice@example.org", anna, "owner")
    return client


@pytest.mark.parametrize("address", WRITES)
def test_refused_by_the_api(client: FlaskClient, platform: Headers, address: str) -> None:
    for body in (*DEEP, *HUGE, *TWICE):
        answer = client.post(address, data=body, content_type="application/json", headers=platform)
        problem(answer, 422, "invalid-json")


def test_many_names_are_answered(client: FlaskClient, platform: Headers) -> None:
    body = {f"name{number}": number for number in range(50_000)}
    for address in WRITES:
        problem(client.post(address, json=body, headers=platform), 422)


def test_numbers_and_texts_that_are_none(client: FlaskClient, alice: Headers, anna: Profile) -> None:
    own, cost = str(anna.profile_id), {"category": "tools", "expenseDate": "2026-11-01", "amount": 1}
    for wrong in ("1e999999", "-1e999999", "NaN", "Infinity"):
        body = json.dumps({**cost, "profileId": own, "description": "x"})
        body = body.replace('"amount": 1', f'"amount": {wrong}')
        answer = client.post("/api/costs", data=body, content_type="application/json", headers=alice)
        problem(answer, 422)
    for wrong in ("\ud800", "\x00", "a\udfffb"):
        body = json.dumps({**cost, "profileId": own, "description": wrong})
        answer = client.post("/api/costs", data=body, content_type="application/json", headers=alice)
        problem(answer, 422)
    assert client.get(f"/api/costs/{own}/summary?period=all", headers=alice).json["total"] == "0.00"


class Dripping:
    """A body that comes a little at a time, and never all of it."""

    def read(self, size: int = -1) -> bytes:
        gevent.sleep(0.02)
        return b" "

    def readinto(self, buffer: bytearray) -> int:
        buffer[:1] = self.read()
        return 1


def test_a_body_that_hardly_arrives(
    client: FlaskClient, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)
    slow = {"wsgi.input": Dripping(), "CONTENT_LENGTH": "1000000"}
    sent: dict[str, Any] = {"environ_overrides": slow, "content_type": "application/json"}
    problem(client.post("/api/costs", **sent, headers=alice), 408)
    assert client.post("/sign-in", **sent).status_code == 408


def test_refused_behind_the_pages(browser: FlaskClient) -> None:
    for body in (*DEEP, *HUGE, *TWICE, b"", b"{", b"\xff"):
        assert browser.post(CALLS, data=body, content_type="application/json").status_code == 400, body[:40]
    for call in NO_CALLS:
        assert browser.post(CALLS, json=call).status_code == 400, call
    for value in ("\ud800", "\x00"):
        inputs = [{**LEAD["inputs"][0], "value": value}, LEAD["inputs"][1]]
        assert browser.post(CALLS, json={**LEAD, "inputs": inputs}).status_code == 400
    assert browser.post(CALLS, data=b"{" * 5_000_000, content_type="application/json").status_code in (
        400,
        413,
    )


def test_what_the_browser_sends_is_answered(browser: FlaskClient) -> None:
    for value in ("", "?q=\U0001f339", "?period=7d", None):
        inputs = [{**LEAD["inputs"][0], "value": value}, LEAD["inputs"][1]]
        assert browser.post(CALLS, json={**LEAD, "inputs": inputs}).status_code == 200


def test_scripts_that_there_are_none_of(client: FlaskClient) -> None:
    """Open to strangers: they fill no log with it."""
    for address in ("nothing/a.js", "dash/nothing.js", "dash/../../app.py"):
        answer = client.get(f"/_dash-component-suites/{address}")
        assert answer.status_code in (302, 401, 404), (address, answer.status_code)
