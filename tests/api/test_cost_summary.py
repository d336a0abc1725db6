from api.costs import Summary
from models.clock import now
from models.stores import Stores
from services import costs
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from tests.api.conftest import Ask

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def spend(stores: Stores, anna: Profile, *spent: tuple[str, str, str]) -> None:
    with stores.database.transaction() as tx:
        for day, category, amount in spent:
            cost = Cost(
                profile_id=anna.profile_id, category=category, description="It", amount=amount, date=day
            )
            costs.add(tx, anna, cost, now())


def test_every_field(stores: Stores, get: Ask, anna: Profile) -> None:
    spend(
        stores,
        anna,
        ("2026-02-28", "tools", "1.50"),
        ("2026-03-01", "tools", "10"),
        ("2026-03-31", "marketing", "20.05"),
        ("2026-03-15", "platform_fees", "0.95"),
        ("2026-04-01", "marketing", "1000"),
    )
    body = get(f"/api/costs/{anna.profile_id}/summary", **MARCH).json
    Summary.model_validate(body)
    assert body["period"] == {**MARCH, "timezone": "Europe/Berlin"}
    assert body["currency"] == "EUR"
    assert body["total"] == "31.00"
    assert body["byCategory"] == {
        "marketing": "20.05",
        "subscriptions": "0.00",
        "tools": "10.00",
        "platform_fees": "0.95",
    }
    assert body["comparison"]["total"] == "1.50"
    assert body["comparison"]["byCategory"]["tools"] == "1.50"
    assert body["comparison"]["period"]["to"] == "2026-02-28"


def test_nothing_was_spent(get: Ask, anna: Profile) -> None:
    body = get(f"/api/costs/{anna.profile_id}/summary", compare="none").json
    Summary.model_validate(body)
    assert body["total"] == "0.00"
    assert body["comparison"] is None


def test_marketing_return(stores: Stores, get: Ask, anna: Profile) -> None:
    seen = {"profile_id": anna.profile_id, "timestamp": "2026-03-05T10:00:00Z", "ip": "192.0.2.1"}
    came = {**seen, "url": "https://anna.example/?utm_source=instagram"}
    kinds = ("view", "view", "inquiry")
    events.store(stores, [*(Event(**came, event_type=kind) for kind in kinds)], now())
    who = {"profile_id": anna.profile_id, "date": "2026-03-10"}
    spent = {"category": "marketing", "description": "It"}
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [Transaction(**who, type="booking", amount="90.50")], now())
        costs.add(tx, anna, Cost(**who, **spent, amount="20", channel="Instagram"), now())
        costs.add(tx, anna, Cost(**who, **spent, amount="5"), now())
    body = get(f"/api/costs/{anna.profile_id}/summary", **MARCH).json
    Summary.model_validate(body)
    assert (body["costPerView"], body["costPerInquiry"]) == ("12.50", "25.00")
    assert body["comparison"]["costPerView"] is None
    unknown = {"costPerView": None, "costPerInquiry": None, "attributedRevenue": None, "returnOnSpend": None}
    assert body["marketing"] == [
        {
            "channel": "Instagram",
            "cost": "20.00",
            "views": 2,
            "inquiries": 1,
            "costPerView": "10.00",
            "costPerInquiry": "20.00",
            "attributedRevenue": "90.50",
            "returnOnSpend": 4.53,
        },
        {"channel": None, "cost": "5.00", "views": 0, "inquiries": 0, **unknown},
    ]
