import base64
import csv
import io
import json
from collections.abc import Iterable
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


def give(stores: Stores, profile: Profile, gifts: Iterable[tuple[str, str, str | None, str | None]]) -> None:
    """Gifts from Germany: day, amount, giver and category."""
    batch = [
        Transaction(
            profile_id=profile.profile_id,
            type="gift",
            date=day,
            amount=amount,
            donorId=donor,
            category=category,
            country="de",
        )
        for day, amount, donor, category in gifts
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, batch, now())


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Below which Anna's gifts are: four in March, of which one has neither giver nor category."""
    given = (
        ("2026-02-28", "5", "ada", "roses"),
        ("2026-03-01", "100", "ada", "roses"),
        ("2026-03-31", "50", "ada", "wine"),
        ("2026-03-31", "150", "bob", "wine"),
        ("2026-03-15", "33.33", None, None),
    )
    give(stores, anna, given)
    who: dict[str, Any] = {"profile_id": anna.profile_id}
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
        {"category": "wine", "revenue": "200.00", "count": 2, "share": 0.600006, "change": None},
        {"category": "roses", "revenue": "100.00", "count": 1, "share": 0.300003, "change": None},
        {"category": None, "revenue": "33.33", "count": 1, "share": 0.099991, "change": None},
    ]
    assert [(step["step"], step["visitors"], step["count"], step["onward"]) for step in body["funnel"]] == [
        ("view", 1, 2, 1.0),
        ("catalog", 1, 1, 1.0),
        ("item", 1, 1, 0.0),
        ("checkout", 0, 0, None),
        ("purchase", 2, 4, None),
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


def test_growth_of_a_category_against_the_comparison(
    stores: Stores, anna: Profile, get: Ask, address: str
) -> None:
    give(stores, anna, [("2025-12-01", "1", "x", None), ("2026-02-01", "60", "x", "wine")])
    (wine, roses, other) = get(f"{address}/by-category", **MARCH).json["categories"]
    assert [row["change"] for row in (wine, roses, other)] == [2.333333, 19.0, None]
    alone = get(f"{address}/by-category", **MARCH, compare="none").json["categories"]
    assert {row["change"] for row in alone} == {None}


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
        },
        "bob": {
            "donorId": "bob",
            "total": "150.00",
            "gifts": 1,
            "firstGift": "2026-03-31",
            "lastGift": "2026-03-31",
        },
    }
    hidden = {"donors": None, "revenue": None}
    assert body["demographics"] == {
        "new": None,
        "returning": None,
        "lapsed": None,
        "countries": [{"country": "other", **hidden}],
        "bands": [
            {"from": "0.00", "to": "25.00", **hidden},
            {"from": "25.00", "to": "100.00", **hidden},
            {"from": "100.00", "to": "500.00", **hidden},
            {"from": "500.00", "to": None, **hidden},
        ],
        "topTenShare": None,
    }


def test_donors_in_groups(stores: Stores, anna: Profile, get: Ask) -> None:
    give(stores, anna, [("2026-03-05", f"{number * 10 + 10}", f"d{number}", None) for number in range(12)])
    give(stores, anna, [("2026-01-02", "1", f"d{number}", None) for number in range(5)])
    give(stores, anna, [("2026-02-10", "1", f"gone{number}", None) for number in range(7)])
    body = get(f"/api/gift-analytics/{anna.profile_id}/donors", **MARCH, limit=2).json
    DonorPage.model_validate(body)
    found = body["demographics"]
    assert (found["new"], found["returning"], found["lapsed"]) == (7, 5, 7)
    assert found["countries"] == [{"country": "DE", "donors": 12, "revenue": "780.00"}]
    # Two gave under 25 and three 100 or more; both groups are too small.
    assert [(band["donors"], band["revenue"]) for band in found["bands"]] == [
        (None, None),
        (7, None),
        (None, None),
        (0, "0.00"),
    ]
    # Beside the ten largest there are but two.
    assert found["topTenShare"] is None


def test_every_donor_as_csv(stores: Stores, anna: Profile, get: Ask, address: str) -> None:
    give(stores, anna, [("2026-03-02", "2", "=cmd()", "wine"), ("2026-03-02", "1", 'say "hi", you', None)])
    file = get(f"{address}/donors/export", **MARCH)
    assert file.content_type == "text/csv; charset=utf-8"
    assert "donors-2026-03-01-2026-03-31.csv" in file.headers["Content-Disposition"]
    assert list(csv.reader(io.StringIO(file.text))) == [
        ["donorId", "total", "currency", "gifts", "firstGift", "lastGift"],
        ["ada", "150.00", "EUR", "2", "2026-03-01", "2026-03-31"],
        ["bob", "150.00", "EUR", "1", "2026-03-31", "2026-03-31"],
        ["'=cmd()", "2.00", "EUR", "1", "2026-03-02", "2026-03-02"],
        ['say "hi", you', "1.00", "EUR", "1", "2026-03-02", "2026-03-02"],
    ]


def test_a_csv_of_no_donors_has_its_head(get: Ask, anna: Profile) -> None:
    file = get(f"/api/gift-analytics/{anna.profile_id}/donors/export")
    assert file.text == "donorId,total,currency,gifts,firstGift,lastGift\r\n"


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
