"""Every kind of error has the one form, wherever it comes from."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from models.ids import new_id
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, pointers, problem, token

EVENT = "/api/profile-analytics/event"
SCOPED = (
    "/api/profile-analytics/{}/timeseries",
    "/api/gift-analytics/{}/donors",
    "/api/revenue/{}/summary",
    "/api/costs/{}",
    "/api/pnl/{}/export",
)
WRONG = (
    ("period=5d", "period"),
    ("period=%00", "period"),
    ("period=7d&from=2026-01-01", "period"),
    ("from=2026-02-30", "from"),
    ("from=yesterday", "from"),
    ("from=0001-01-01", "from"),
    ("from=2026-03-31&to=2026-03-01", "to"),
    ("to=2026-03-31", "from"),
    ("from=2026-03-01&to=9999-12-31", "to"),
    ("granularity=minute", "granularity"),
    ("period=30d&granularity=hour", "granularity"),
    ("from=1970-01-01&to=2100-12-31&granularity=day", "granularity"),
    ("compare=never", "compare"),
    ("timezone=Europe/Paris", "timezone"),
    ("timezone=Mars/Olympus", "timezone"),
    ("currency=USD", "currency"),
    ("period=7d&period=30d", "period"),
)
METHODS = ("GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW")


def test_401_for_a_stranger(client: FlaskClient, anna: Profile) -> None:
    answer = client.get(f"/api/revenue/{anna.profile_id}/summary")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_401_for_a_token_that_does_not_hold(client: FlaskClient, anna: Profile) -> None:
    for header in ["Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer ", "nonsense"]:
        answer = client.get(f"/api/pnl/{anna.profile_id}", headers={"Authorization": header})
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_401_goes_before_a_look_at_the_body(client: FlaskClient) -> None:
    problem(client.post(EVENT, data=b"{", content_type="application/json"), 401)
    problem(client.post(EVENT, data=b"x", content_type="text/plain"), 401)


def test_403_without_the_scope(client: FlaskClient, stores: Stores, anna: Profile) -> None:
    reader = token(stores, "reader", [anna], "read")
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    assert (
        "events:write" in problem(client.post(EVENT, json=body, headers=reader), 403, "forbidden")["detail"]
    )


def test_404_is_the_same_for_another_profile_and_for_none(get: Ask, charlies: Profile) -> None:
    others = get(f"/api/pnl/{charlies.profile_id}")
    nobodys = get(f"/api/pnl/{new_id()}")
    assert problem(others, 404, "not-found") == problem(nobodys, 404)


def test_404_for_an_id_that_can_not_be_one(get: Ask) -> None:
    problem(get("/api/pnl/anna"), 404)
    problem(get("/api/pnl/%00"), 404)


def test_404_for_an_unknown_address_by_every_method(client: FlaskClient, alice: Headers) -> None:
    for address in (
        "/api/nothing",
        "/api/costs/a/b/c",
        "/api/",
        "/api//",
        "/api//pnl",
        "/api/pnl",
        "/api/%00",
    ):
        for headers in ({}, alice):
            for method in METHODS:
                problem(client.open(address, method=method, headers=headers), 404, "not-found")
            answer = client.head(address, headers=headers)
            assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_405_says_what_is_allowed(client: FlaskClient, alice: Headers, anna: Profile) -> None:
    answer = client.delete(f"/api/pnl/{anna.profile_id}", headers=alice)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    problem(client.open(f"/api/pnl/{anna.profile_id}", method="BREW", headers=alice), 405)
    assert client.get("/api/costs", headers=alice).headers["Allow"] == "OPTIONS, POST"
    answer = client.post(f"/api/costs/{anna.profile_id}", json={}, headers=alice)
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["Allow"].split(", "))


def test_options_says_what_is_allowed(client: FlaskClient, anna: Profile) -> None:
    answer = client.options(f"/api/costs/{anna.profile_id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, DELETE"


def test_413_for_ten_megabytes(client: FlaskClient, alice: Headers) -> None:
    body = b'{"events": ["' + b"x" * 10_000_000 + b'"]}'
    problem(client.post(EVENT, data=body, content_type="application/json", headers=alice), 413)
    chunked = {
        "input_stream": BytesIO(body),
        "environ_overrides": {"wsgi.input_terminated": True},
        "content_type": "application/json",
    }
    problem(client.post(EVENT, **chunked, headers={**alice, "Transfer-Encoding": "chunked"}), 413)


def test_415_for_anything_but_json(client: FlaskClient, alice: Headers) -> None:
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]:
        problem(client.post(EVENT, data=b"{}", content_type=kind, headers=alice), 415)


def test_422_for_what_is_not_json(client: FlaskClient, alice: Headers) -> None:
    for body in [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1} x',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
    ]:
        answer = client.post(EVENT, data=body, content_type="application/json", headers=alice)
        problem(answer, 422, "invalid-json")


def test_422_for_json_that_is_no_object(client: FlaskClient, alice: Headers) -> None:
    for body in [b"null", b"[]", b"1", b'"{}"', b"true"]:
        for address in (EVENT, "/api/costs", "/api/transactions"):
            answer = client.post(address, data=body, content_type="application/json", headers=alice)
            assert pointers(answer) == [""]


def test_500_says_nothing_of_the_inside(
    app: OpenAPI, client: FlaskClient, alice: Headers, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("the inside")

    app.view_functions["api.transactions.record"] = broken
    answer = client.post("/api/transactions", json={}, headers=alice)
    assert "inside" not in answer.text
    problem(answer, 500, "internal-error")
    assert "the inside" in caplog.text


def test_422_names_the_parameter(get: Ask, anna: Profile) -> None:
    for query, name in WRONG:
        for address in SCOPED:
            answer = get(f"{address.format(anna.profile_id)}?{query}")
            assert pointers(answer) == [name], (address, query)


def test_what_is_the_profiles_own_may_be_named(get: Ask, anna: Profile) -> None:
    own = {"timezone": "Europe/Berlin", "currency": "EUR"}
    assert get(f"/api/pnl/{anna.profile_id}", **own).status_code == 200


def test_answers_are_kept_by_no_cache_and_taken_for_no_page(get: Ask, anna: Profile) -> None:
    for answer in (get(f"/api/pnl/{anna.profile_id}"), get("/api/nothing"), get("/api/openapi.json")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
