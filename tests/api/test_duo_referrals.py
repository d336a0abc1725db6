import csv
import io
from typing import Any

import pytest

from api.duo_referrals import Summary
from models.clock import now
from models.stores import Stores
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.profiles import Profile
from tests.api.conftest import Ask

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Where Anna's partners are: one who was there in March, and one who stayed away."""
    booked = (
        ("2026-01-02", "noa", "0.6", "100", {}),
        ("2026-01-12", "=elif", "0.5", "80", {}),
        ("2026-01-22", "=elif", "0.5", "80", {}),
        ("2026-02-01", "=elif", "0.5", "80", {}),
        ("2026-03-05", "noa", "0.6", "100", {}),
        (
            "2026-03-20",
            "noa",
            "0.75",
            "200",
            {"status": "refunded", "refundedAmount": "100", "refundedAt": "2026-03-21"},
        ),
        ("2026-03-22", "noa", "0.6", "100", {"status": "pending"}),
        ("2026-03-23", None, None, "500", {}),
    )
    batch = [
        Transaction(
            profile_id=anna.profile_id,
            type="booking",
            date=day,
            amount=amount,
            partnerId=partner,
            split={"profile": split, "partner": str(1 - float(split))} if split else None,
            **more,
        )
        for day, partner, split, amount, more in booked
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, batch, now())
    return f"/api/duo-referrals/{anna.profile_id}"


def test_every_field(get: Ask, address: str) -> None:
    body = get(address, **MARCH).json
    Summary.model_validate(body)
    assert body["currency"] == "EUR"
    assert (body["duoBookings"], body["duoRevenue"]) == (2, "200.00")
    assert (body["duoShare"], body["partnerShare"]) == ("135.00", "65.00")
    noa, elif_ = body["partners"]
    assert noa == {
        "partnerId": "noa",
        "bookings": 2,
        "revenue": "200.00",
        "split": {"profile": 0.7, "partner": 0.3},
        "share": "135.00",
        "partnerShare": "65.00",
        "perMonth": 1.96,
        "firstBooking": "2026-03-05",
        "lastBooking": "2026-03-20",
        "fading": False,
        "best": True,
        "silentDays": 11,
        "usualDays": 38.5,
        "before": NOTHING,
    }
    assert (elif_["partnerId"], elif_["fading"], elif_["best"]) == ("=elif", True, False)
    assert (elif_["silentDays"], elif_["usualDays"]) == (58, 10.0)
    assert {key: elif_[key] for key in NOTHING} == NOTHING
    assert elif_["before"] == {
        **NOTHING,
        "bookings": 1,
        "revenue": "80.00",
        "split": {"profile": 0.5, "partner": 0.5},
        "share": "40.00",
        "partnerShare": "40.00",
        "perMonth": 0.98,
        "firstBooking": "2026-02-01",
        "lastBooking": "2026-02-01",
    }
    assert body["comparison"]["duoShare"] == "40.00"


def test_without_comparison_or_partners(get: Ask, anna: Profile) -> None:
    body = get(f"/api/duo-referrals/{anna.profile_id}", compare="none").json
    Summary.model_validate(body)
    assert (body["duoBookings"], body["duoRevenue"], body["partners"]) == (0, "0.00", [])
    assert body["comparison"] is None


def test_a_row_for_each_partner(get: Ask, address: str) -> None:
    file = get(f"{address}/partners/export", **MARCH)
    assert "partners-by-share-2026-03-01-2026-03-31.csv" in file.headers["Content-Disposition"]
    noa, elif_ = csv.DictReader(io.StringIO(file.text))
    assert (noa["partnerId"], noa["share"], noa["split"], noa["best"]) == ("noa", "135.00", "0.7", "yes")
    assert (noa["currency"], noa["lastBooking"], noa["share before"]) == ("EUR", "2026-03-20", "0.00")
    # A spreadsheet must not take the name for a formula.
    assert (elif_["partnerId"], elif_["split"], elif_["fading"]) == ("'=elif", "", "yes")
    alone = get(f"{address}/partners/export", **MARCH, compare="none")
    assert [row["share before"] for row in csv.DictReader(io.StringIO(alone.text))] == [""]


NOTHING: dict[str, Any] = {
    "bookings": 0,
    "revenue": "0.00",
    "split": None,
    "share": "0.00",
    "partnerShare": "0.00",
    "perMonth": 0.0,
    "firstBooking": None,
    "lastBooking": None,
}
