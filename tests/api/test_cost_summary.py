from api.costs import Summary
from models.clock import now
from models.stores import Stores
from services import costs
from services.ingest.inputs import Cost
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
