from typing import Any

import pytest

from api.schemas import Recorded
from models.ids import new_id
from models.stores import Stores
from services import rollups
from services.profiles import Profile
from tests.api.conftest import Ask, pointers, problem

TRANSACTIONS = "/api/transactions"
DAY = {"from": "2026-03-31", "to": "2026-03-31"}
WRONG: tuple[tuple[str, Any], ...] = (
    ("amount", "12.345"),
    ("amount", "1" * 30),
    ("amount", 10**29),
    ("amount", -1),
    ("amount", "NaN"),
    ("amount", "1e400"),
    ("amount", "9" * 100_000),
    ("currency", "XXX"),
    ("transactionType", "theft"),
    ("status", "lost"),
    ("transactionDate", "yesterday"),
    ("transactionDate", "2026-03-31T10:00:00"),
    ("transactionDate", 1767225600),
    ("refundedAmount", "1.234"),
    ("refundedAt", "x"),
    ("split", 0.5),
    ("counterpartyId", "a\x00b"),
    ("itemName", "\ud800"),
    ("country", "DEU"),
    ("interval", "day"),
    ("metadata", []),
    ("metadata", {"a": "b\x00"}),
    ("metadata", {"a": "\ud800"}),
    ("metadata", {"\x00": 1}),
    ("metadata", {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}),
    ("metadata", {"a": float("nan")}),
    ("metadata", {"a": "x" * 4001}),
    ("metadata", {str(key): 1 for key in range(51)}),
    ("unknown", 1),
)


@pytest.fixture
def sale(anna: Profile) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "profileId": str(anna.profile_id),
        "transactionType": "gift",
        "amount": "125.00",
        "currency": "EUR",
        "transactionDate": "2026-03-31",
    }


def revenue(get: Ask, anna: Profile, **period: str) -> dict[str, Any]:
    body: dict[str, Any] = get(f"/api/revenue/{anna.profile_id}/summary", **(period or DAY)).json
    return body


def test_it_is_recorded_once(post: Ask, get: Ask, sale: dict[str, Any], anna: Profile) -> None:
    answer = post(TRANSACTIONS, sale)
    assert answer.status_code == 201
    Recorded.model_validate(answer.json)
    assert answer.json == {"id": sale["id"], "profileId": sale["profileId"], "outcome": "created"}
    again = post(TRANSACTIONS, sale)
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    assert revenue(get, anna)["gross"] == "125.00"


def test_it_moves_forward_and_never_back(
    post: Ask, get: Ask, sale: dict[str, Any], anna: Profile, stores: Stores
) -> None:
    assert post(TRANSACTIONS, {**sale, "status": "pending"}).json["outcome"] == "created"
    assert (revenue(get, anna)["pending"], revenue(get, anna)["gross"]) == ("125.00", "0.00")
    assert post(TRANSACTIONS, {**sale, "status": "completed"}).json["outcome"] == "moved"
    assert (revenue(get, anna)["pending"], revenue(get, anna)["gross"]) == ("0.00", "125.00")
    part = {**sale, "status": "refunded", "refundedAmount": "25", "refundedAt": "2026-03-31"}
    assert post(TRANSACTIONS, part).json["outcome"] == "moved"
    assert post(TRANSACTIONS, {**sale, "status": "pending"}).json["outcome"] == "unchanged"
    body = revenue(get, anna)
    assert (body["gross"], body["refunds"], body["net"]) == ("125.00", "25.00", "100.00")
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_without_an_id_it_gets_one(post: Ask, sale: dict[str, Any]) -> None:
    del sale["id"]
    assert post(TRANSACTIONS, sale).json["id"] != post(TRANSACTIONS, sale).json["id"]


def test_of_a_shared_booking_the_own_part_counts(
    post: Ask, get: Ask, sale: dict[str, Any], anna: Profile
) -> None:
    shared = {"partnerId": "bea", "split": {"profile": "0.6", "partner": 0.4}}
    assert post(TRANSACTIONS, {**sale, "transactionType": "booking", **shared}).status_code == 201
    body = revenue(get, anna)
    assert (body["bySource"]["bookings"], body["partnerShare"]) == ("75.00", "50.00")


def test_a_bad_value_is_named_and_nothing_stored(
    post: Ask, get: Ask, sale: dict[str, Any], anna: Profile
) -> None:
    for field, value in WRONG:
        answer = post(TRANSACTIONS, {**sale, field: value})
        assert pointers(answer) == [f"/{field}"], (field, str(value)[:80])
        assert len(answer.text) < 1000
    split = {"split": {"profile": "0.6", "partner": "x"}, "partnerId": "bea"}
    assert pointers(post(TRANSACTIONS, {**sale, **split})) == ["/split/partner"]
    assert revenue(get, anna, period="all")["gross"] == "0.00"


def test_what_contradicts_itself(post: Ask, sale: dict[str, Any]) -> None:
    for wrong in (
        {"refundedAmount": "126"},
        {"status": "pending", "refundedAmount": "1"},
        {"split": {"profile": "0.5", "partner": "0.5"}},
    ):
        assert pointers(post(TRANSACTIONS, {**sale, **wrong})) == [""]
    uneven = {"split": {"profile": "0.5", "partner": "0.6"}, "partnerId": "bea"}
    assert pointers(post(TRANSACTIONS, {**sale, **uneven})) == ["/split"]


def test_what_contradicts_the_stored_one(post: Ask, get: Ask, sale: dict[str, Any], anna: Profile) -> None:
    post(TRANSACTIONS, sale)
    assert pointers(post(TRANSACTIONS, {**sale, "transactionType": "booking"})) == ["/transactionType"]
    assert pointers(post(TRANSACTIONS, {**sale, "currency": "USD"})) == ["/currency"]
    assert pointers(post(TRANSACTIONS, {**sale, "amount": "126"})) == ["/amount"]
    assert revenue(get, anna)["gross"] == "125.00"


def test_others_profiles_are_not_found(post: Ask, sale: dict[str, Any], charlies: Profile) -> None:
    others = post(TRANSACTIONS, {**sale, "profileId": str(charlies.profile_id)})
    nobodys = post(TRANSACTIONS, {**sale, "profileId": str(new_id())})
    assert problem(others, 404) == problem(nobodys, 404)
