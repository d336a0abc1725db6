import base64
import json
from typing import Any

import pytest

from api.gift_analytics import Summary
from api.schemas import Categories, DonorPage
from models.clock import now
from models.stores import Stores
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.profiles import Profile
from tests.api.conftest import Ask, pointers

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Below which Anna's gifts are: four in March, of which one has neither giver nor category."""
    who: dict[str, Any] = {"profile_id": anna.profile_id}
    given = (
        ("2026-02-28", "5", "ada", "roses"),
        ("2026-03-01", "100", "ada", "roses"),
        ("2026-03-31", "50", "ada", "wine"),
        ("2026-03-31", "150", "bob", "wine"),
        ("2026-03-15", "33.33", None, None),
    )
    with stores.database.transaction() as tx:
        batch = [
            Transaction(
                **who, type="gift", date=day, amount=amount, donorId=donor, category=category, country="de"
            )
            for day, amount, donor, category in given
        ]
        transactions.record(tx, anna, batch, now())
    at = "2026-03-31T10:00:00Z"
    seen = [("view", None), ("view", None), ("click", "gift-catalog"), ("click", "gift:rose")]
    events.store(
        stores,
        [Event(**who, event_type=kind, target=target, timestamp=at, ip="192.0.2.1") for kind, target in seen],
        now(),
    )
    return f"/api/gift-analytics/{anna.profile_id}"


def test_summary_every_field(get: Ask, address: str) -> None:
    body = get(f"{address}/summary", **MARCH).json
    Summary.model_validate(body)
    assert body["currency"] == "EUR"
    assert body["revenue"] == "333.33"
    assert body["giftCount"] == 4
    assert body["donorCount"] == 2
    assert body["averageGift"] == "83.33"
    assert body["topCategories"] == [
        {"category": "wine", "revenue": "200.00", "count": 2, "share": 0.600006},
        {"category": "roses", "revenue": "100.00", "count": 1, "share": 0.300003},
        {"category": None, "revenue": "33.33", "count": 1, "share": 0.099991},
    ]
    assert [(step["step"], step["visitors"], step["count"]) for step in body["funnel"]] == [
        ("view", 1, 2),
        ("catalog", None, 1),
        ("item", None, 1),
        ("checkout", None, 0),
        ("purchase", 2, 4),
    ]
    assert all(step["label"] for step in body["funnel"])
    before = body["comparison"]
    assert (before["revenue"], before["giftCount"], before["donorCount"]) == ("5.00", 1, 1)


def test_summary_without_gifts(get: Ask, anna: Profile) -> None:
    body = get(f"/api/gift-analytics/{anna.profile_id}/summary", compare="none").json
    Summary.model_validate(body)
    assert (body["revenue"], body["giftCount"], body["averageGift"]) == ("0.00", 0, None)
    assert body["comparison"] is None


def test_by_category(get: Ask, address: str) -> None:
    body = get(f"{address}/by-category", **MARCH).json
    Categories.model_validate(body)
    assert body["categories"] == get(f"{address}/summary", **MARCH).json["topCategories"]
    assert (
        get(f"{address}/by-category", **{"from": "2025-01-01", "to": "2025-01-31"}).json["categories"] == []
    )


def test_donors_every_field(get: Ask, address: str) -> None:
    body = get(f"{address}/donors", **MARCH).json
    DonorPage.model_validate(body)
    assert body["currency"] == "EUR"
    assert {donor["donorId"]: donor for donor in body["donors"]} == {
        "ada": {
            "donorId": "ada",
            "total": "150.00",
            "gifts": 2,
            "firstGift": "2026-03-01",
            "lastGift": "2026-03-31",
            "country": "DE",
        },
        "bob": {
            "donorId": "bob",
            "total": "150.00",
            "gifts": 1,
            "firstGift": "2026-03-31",
            "lastGift": "2026-03-31",
            "country": "DE",
        },
    }


def test_donors_page_by_page(get: Ask, address: str) -> None:
    first = get(f"{address}/donors", **MARCH, limit=1).json
    second = get(f"{address}/donors", **MARCH, limit=1, cursor=first["nextCursor"]).json
    assert [donor["donorId"] for donor in first["donors"] + second["donors"]] == ["ada", "bob"]
    assert second["nextCursor"] is None


def test_donors_with_a_cursor_that_was_not_made_here(get: Ask, address: str) -> None:
    forged = (
        ["x", "ada"],
        ["NaN", "ada"],
        ["sNaN", "ada"],
        ["Infinity", "ada"],
        ["1e999999", "ada"],
        ["1" * 300, "ada"],
        ["1", "a\x00"],
        ["1", "\ud800"],
        ["1"],
        [1, "ada"],
    )
    for each in forged:
        cursor = base64.urlsafe_b64encode(json.dumps(each).encode()).decode()
        assert pointers(get(f"{address}/donors", cursor=cursor)) == ["cursor"], each
