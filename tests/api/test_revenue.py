from api.revenue import Series, Summary
from models.clock import now
from models.stores import Stores
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.profiles import Profile
from tests.api.conftest import Ask

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def test_every_field(stores: Stores, get: Ask, anna: Profile) -> None:
    sales = (
        {"type": "booking", "amount": "200", "partnerId": "p", "split": {"profile": "0.6", "partner": "0.4"}},
        {"type": "gift", "amount": "10.01"},
        {
            "type": "gift",
            "amount": "5",
            "refundedAmount": "2",
            "status": "refunded",
            "refundedAt": "2026-03-11",
        },
        {"type": "subscription", "amount": "30"},
        {"type": "affiliate", "amount": "7.50"},
        {"type": "gift", "amount": "99", "status": "pending"},
        {"type": "gift", "amount": "4", "date": "2026-02-10"},
    )
    batch = [Transaction(profile_id=anna.profile_id, **{"date": "2026-03-10", **sale}) for sale in sales]
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, batch, now())
    body = get(f"/api/revenue/{anna.profile_id}/summary", **MARCH).json
    Summary.model_validate(body)
    assert body["currency"] == "EUR"
    assert body["gross"] == "172.51"
    assert body["refunds"] == "2.00"
    assert body["net"] == "170.51"
    assert body["pending"] == "99.00"
    assert body["sales"] == 5
    assert body["partnerShare"] == "80.00"
    assert body["bySource"] == {
        "bookings": "120.00",
        "gifts": "15.01",
        "subscriptions": "30.00",
        "affiliate": "7.50",
    }
    assert body["comparison"]["gross"] == "4.00"
    assert body["comparison"]["bySource"]["gifts"] == "4.00"
    assert body["comparison"]["period"] == {
        "from": "2026-01-29",
        "to": "2026-02-28",
        "timezone": "Europe/Berlin",
    }


def test_subscribers_and_pricing(stores: Stores, get: Ask, anna: Profile) -> None:
    sales = (
        {"type": "subscription", "amount": "26", "subscriberId": "ada", "date": "2026-02-20"},
        {"type": "subscription", "amount": "26", "subscriberId": "ada", "date": "2026-03-20"},
        {"type": "subscription", "amount": "9", "subscriberId": "bea", "date": "2026-02-01"},
        {"type": "subscription", "amount": "30", "subscriberId": "eve", "interval": "week"},
        {"type": "booking", "amount": "100"},
        {"type": "booking", "amount": "250.01"},
    )
    batch = [Transaction(profile_id=anna.profile_id, **{"date": "2026-03-25", **sale}) for sale in sales]
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, batch, now())
    body = get(f"/api/revenue/{anna.profile_id}/summary", **MARCH).json
    assert body["subscribers"] == {"active": 2, "mrr": "156.00", "new": 1, "churned": 1}
    assert body["pricing"] == {
        "bookingCount": 2,
        "averageBooking": "175.00",
        "medianBooking": "175.00",
        "bookingsPer100Inquiries": None,
    }
    assert body["comparison"]["subscribers"] == {"active": 2, "mrr": "35.00", "new": 2, "churned": 0}
    series = get(f"/api/revenue/{anna.profile_id}/timeseries", **MARCH, granularity="week").json
    Series.model_validate(series)
    assert [point["subscribers"]["active"] for point in series["points"]] == [2, 2, 2, 1, 2, 2]
    assert series["points"][0]["pricing"]["medianBooking"] is None
