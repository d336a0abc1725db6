import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from api.schemas import CostShape
from models.ids import new_id
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, pointers, problem

COSTS = "/api/costs"
WRONG: tuple[tuple[str, Any], ...] = (
    ("amount", "12.345"),
    ("amount", "1" * 30),
    ("amount", 10**29),
    ("amount", "1000000000000"),
    ("amount", -1),
    ("amount", "-0.01"),
    ("amount", "NaN"),
    ("amount", "Infinity"),
    ("amount", float("inf")),
    ("amount", "1e400"),
    ("amount", "1e-400"),
    ("amount", "9" * 100_000),
    ("amount", True),
    ("amount", None),
    ("amount", []),
    ("amount", "ten"),
    ("amount", "1,50"),
    ("currency", "XXX"),
    ("currency", "EURO"),
    ("currency", 978),
    ("category", "food"),
    ("description", ""),
    ("description", "   "),
    ("description", "x" * 501),
    ("description", "a\x00b"),
    ("description", "\ud800"),
    ("channel", "a\x00b"),
    ("expenseDate", "2026-02-30"),
    ("expenseDate", "01.03.2026"),
    ("expenseDate", "0001-01-01"),
    ("expenseDate", "9999-12-31"),
    ("expenseDate", 20260301),
    ("id", "x"),
    ("profileId", "x"),
    ("unknown/field", 1),
)


@pytest.fixture
def cost(anna: Profile) -> dict[str, Any]:
    return {
        "profileId": str(anna.profile_id),
        "category": "marketing",
        "description": "Advertising",
        "channel": "Instagram",
        "amount": "125.00",
        "currency": "EUR",
        "expenseDate": "2026-03-31",
    }


def stored(get: Ask, anna: Profile) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = get(f"{COSTS}/{anna.profile_id}").json["costs"]
    return listed


def test_every_field(post: Ask, get: Ask, cost: dict[str, Any], anna: Profile) -> None:
    answer = post(COSTS, cost)
    assert answer.status_code == 201
    CostShape.model_validate(answer.json)
    assert answer.headers["ETag"] == f'"{answer.json["etag"]}"'
    assert answer.json == {
        **cost,
        "id": answer.json["id"],
        "reportingAmount": "125.00",
        "createdAt": answer.json["createdAt"],
        "updatedAt": answer.json["createdAt"],
        "etag": answer.json["etag"],
    }
    assert stored(get, anna) == [answer.json]


def test_an_amount_may_be_a_number_and_is_answered_as_text(post: Ask, cost: dict[str, Any]) -> None:
    for given, answered in ((125, "125.00"), (0.1, "0.10"), ("7.5", "7.50"), (1e3, "1000.00"), (0, "0.00")):
        assert post(COSTS, {**cost, "amount": given}).json["amount"] == answered


def test_the_currency_has_its_own_decimals(post: Ask, cost: dict[str, Any]) -> None:
    assert post(COSTS, {**cost, "amount": "1500", "currency": "JPY"}).json["amount"] == "1500"
    assert post(COSTS, {**cost, "amount": "1.234", "currency": "kwd"}).json["amount"] == "1.234"
    answer = post(COSTS, {**cost, "amount": "1.5", "currency": "JPY"})
    assert pointers(answer) == ["/amount"]
    assert "JPY has no decimals" in answer.json["detail"]


def test_the_profiles_currency_unless_another_is_given(post: Ask, cost: dict[str, Any]) -> None:
    del cost["currency"]
    assert post(COSTS, cost).json["currency"] == "EUR"


def test_what_can_not_be_converted_is_taken_and_said(post: Ask, cost: dict[str, Any]) -> None:
    assert post(COSTS, {**cost, "currency": "UZS"}).json["reportingAmount"] is None


def test_a_bad_value_is_named_and_nothing_stored(
    post: Ask, get: Ask, cost: dict[str, Any], anna: Profile
) -> None:
    for field, value in WRONG:
        answer = post(COSTS, {**cost, field: value})
        assert pointers(answer) == ["/" + field.replace("/", "~1")], (field, value)
        assert len(answer.text) < 1000
    for field in ("profileId", "category", "description", "amount", "expenseDate"):
        missing = {name: value for name, value in cost.items() if name != field}
        assert pointers(post(COSTS, missing)) == [f"/{field}"]
    assert stored(get, anna) == []


def test_a_number_beyond_every_number(client: FlaskClient, alice: Headers, cost: dict[str, Any]) -> None:
    for number in ("1e400", "-1e400", "NaN", "1e-9999999999"):
        body = json.dumps({**cost, "amount": 0}).replace('"amount": 0', f'"amount": {number}')
        answer = client.post(COSTS, data=body, content_type="application/json", headers=alice)
        assert answer.status_code == (201 if number == "1e-9999999999" else 422), number


def test_the_same_idempotency_key_adds_once(post: Ask, get: Ask, cost: dict[str, Any], anna: Profile) -> None:
    key = {"Idempotency-Key": "order 66"}
    first, again = post(COSTS, cost, **key), post(COSTS, cost, **key)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(stored(get, anna)) == 1


def test_the_same_idempotency_key_at_once_adds_once(
    app: OpenAPI, alice: Headers, get: Ask, cost: dict[str, Any], anna: Profile
) -> None:
    headers = {**alice, "Idempotency-Key": "order 66"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: app.test_client().post(COSTS, json=cost, headers=headers), range(8))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert [answer.json for answer in answers] == [answers[0].json] * 8
    assert len(stored(get, anna)) == 1


def test_an_idempotency_key_holds_for_one_body(
    post: Ask, get: Ask, cost: dict[str, Any], anna: Profile
) -> None:
    key = {"Idempotency-Key": "order 66"}
    post(COSTS, cost, **key)
    problem(post(COSTS, {**cost, "amount": "126.00"}, **key), 422, "idempotency-key-reused")
    for unfit in ("", "x" * 201):
        assert pointers(post(COSTS, cost, **{"Idempotency-Key": unfit})) == ["Idempotency-Key"]
    assert len(stored(get, anna)) == 1


def test_an_idempotency_key_is_the_profiles_own(
    post: Ask, client: FlaskClient, charlie: Headers, cost: dict[str, Any], charlies: Profile
) -> None:
    key = {"Idempotency-Key": "1"}
    first = post(COSTS, cost, **key)
    theirs = {**cost, "profileId": str(charlies.profile_id)}
    other = client.post(COSTS, json=theirs, headers={**charlie, **key})
    assert other.status_code == 201
    assert other.json["id"] != first.json["id"]


def test_an_id_of_ones_own_is_taken_once(post: Ask, cost: dict[str, Any]) -> None:
    own = {**cost, "id": str(new_id())}
    assert post(COSTS, own).json["id"] == own["id"]
    problem(post(COSTS, own), 409, "conflict")
