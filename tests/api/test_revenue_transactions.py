"""The rows behind the figures of revenue, by page and as a file."""

import csv
import io
from typing import Any

import pytest

from api.schemas import MovementPage
from models.clock import now
from models.ids import new_id
from models.stores import Stores
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.profiles import Profile
from tests.api.conftest import Ask, pointers

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Where what moved of Anna's revenue is listed: in March four sales, a refund, and one pending."""
    split = {"partnerId": "mia", "split": {"profile": "0.6", "partner": "0.4"}}
    sales: tuple[dict[str, Any], ...] = (
        {"type": "booking", "amount": "200", "date": "2026-03-02T09:30:00Z", **split},
        {
            "type": "gift",
            "amount": "15.50",
            "category": "roses",
            "donorId": "=ada",
            "description": "Roses; red",
        },
        {
            "type": "gift",
            "amount": "20",
            "date": "2026-02-03",
            "refundedAmount": "5",
            "refundedAt": "2026-03-04",
        },
        {"type": "affiliate", "amount": "99", "status": "pending", "date": "2026-03-09"},
        {"type": "gift", "amount": "7", "currency": "XAF", "date": "2026-03-08"},
    )
    whose = {"profile_id": anna.profile_id}
    batch = [Transaction(**{**whose, "date": "2026-03-10", **sale}, id=new_id()) for sale in sales]
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, batch, now())
    return f"/api/revenue/{anna.profile_id}/transactions"


def test_what_moved_from_the_newest_on(get: Ask, address: str) -> None:
    body = get(address, **MARCH).json
    MovementPage.model_validate(body)
    assert [(row["kind"], row["date"], row["amount"]) for row in body["transactions"]] == [
        ("sale", "2026-03-10", "15.50"),
        ("pending", "2026-03-09", "99.00"),
        ("unconverted", "2026-03-08", "7"),
        ("refund", "2026-03-04", "5.00"),
        ("sale", "2026-03-02", "200.00"),
    ]
    shared = body["transactions"][-1]
    assert (shared["reportingAmount"], shared["reportingPartner"]) == ("120.00", "80.00")
    assert shared["timestamp"] == "2026-03-02T10:30:00+01:00"
    assert (body["transactions"][0]["timestamp"], body["nextCursor"]) == (None, None)
    assert body["transactions"][2]["reportingAmount"] is None


def test_filters(get: Ask, address: str) -> None:
    def amounts(**query: str) -> list[str]:
        return [row["amount"] for row in get(address, **MARCH, **query).json["transactions"]]

    assert amounts(kind="refund") == ["5.00"]
    assert amounts(source="gift", kind="sale") == ["15.50"]
    assert amounts(category="roses") == amounts(q="ROSES") == ["15.50"]
    assert amounts(partner="mia") == ["200.00"]
    assert amounts(kind="unconverted") == ["7"]
    assert amounts(source="subscription") == []
    assert len(amounts(q=" ")) == 5
    assert pointers(get(address, source="rent")) == ["source"]
    assert pointers(get(address, kind="odd")) == ["kind"]
    assert pointers(get(address, q="x" * 201)) == ["q"]


def test_page_by_page(get: Ask, address: str) -> None:
    whole, seen, cursor = get(address, **MARCH).json["transactions"], [], None
    while cursor or not seen:
        body = get(address, **MARCH, limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += body["transactions"]
        cursor = body["nextCursor"]
    assert seen == whole
    assert pointers(get(address, cursor="W10")) == ["cursor"]


def test_the_file_has_all_that_match(get: Ask, address: str, stores: Stores, anna: Profile) -> None:
    whose = {"profile_id": anna.profile_id, "type": "gift", "amount": "1", "date": "2026-01-05"}
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [Transaction(**whose) for _ in range(2_100)], now())
    file = get(f"{address}/export", **{"from": "2026-01-01", "to": "2026-03-31"}, source="gift")
    assert file.content_type == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"] == (
        'attachment; filename="transactions-2026-01-01-2026-03-31.csv"'
    )
    found = list(csv.DictReader(io.StringIO(file.text)))
    assert len(found) == len({(row["id"], row["kind"]) for row in found}) == 2_104
    first, refund = found[0], next(row for row in found if row["refund"] == "true")
    assert (first["payer"], first["description"], first["amount"]) == ("'=ada", "Roses; red", "15.50")
    assert (refund["kind"], refund["reporting_amount"], refund["reporting_currency"]) == (
        "refund",
        "5.00",
        "EUR",
    )
    assert pointers(get(f"{address}/export", kind="odd")) == ["kind"]


def test_an_empty_file_has_its_head(get: Ask, address: str) -> None:
    assert get(f"{address}/export", q="nothing").text.count("\r\n") == 1
