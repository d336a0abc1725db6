import csv
import io
from typing import Any

import pytest

from api.pnl import Statement
from models.clock import now
from models.stores import Stores
from services import costs
from services.ingest import transactions
from services.ingest.inputs import Cost, Transaction
from services.metrics.pnl import KEYS
from services.profiles import Profile
from tests.api.conftest import Ask, pointers

QUARTER = {"from": "2026-01-01", "to": "2026-03-31", "granularity": "month"}


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Anna's statement: income of three months in three currencies, a refund and costs."""
    who: dict[str, Any] = {"profile_id": anna.profile_id}
    with stores.database.transaction() as tx:
        sales = (
            {"type": "booking", "amount": "1000.10", "date": "2026-01-31"},
            {"type": "gift", "amount": "99.99", "date": "2026-02-28"},
            {"type": "gift", "amount": "33.33", "date": "2026-03-10", "currency": "USD"},
            {"type": "gift", "amount": "500", "date": "2026-03-10", "currency": "UZS"},
            {"type": "subscription", "amount": "20", "date": "2025-12-31"},
            {
                "type": "booking",
                "amount": "50",
                "date": "2026-03-01",
                "status": "refunded",
                "refundedAmount": "20.5",
                "refundedAt": "2026-03-02",
            },
        )
        tx_batch = [Transaction(**who, **sale) for sale in sales]
        transactions.record(tx, anna, tx_batch, now())
        for category, amount, day in (
            ("platform_fees", "100.01", "2026-01-31"),
            ("marketing", "2000", "2026-02-01"),
            ("tools", "0.05", "2026-03-31"),
        ):
            cost = Cost(**who, category=category, amount=amount, date=day, description="It")
            costs.add(tx, anna, cost, now())
    return f"/api/pnl/{anna.profile_id}"


def test_every_field(get: Ask, address: str) -> None:
    body = get(address, **QUARTER).json
    Statement.model_validate(body)
    assert (body["currency"], body["granularity"]) == ("EUR", "month")
    assert [(column["from"], column["to"]) for column in body["columns"]] == [
        ("2026-01-01", "2026-01-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-31"),
    ]
    lines = {line["key"]: line for line in body["lines"]}
    assert list(lines) == list(KEYS)
    assert lines["bookings"]["values"] == ["1000.10", "0.00", "50.00"]
    assert lines["refunds"] == {
        "key": "refunds",
        "label": "Refunds",
        "row": "item",
        "less": True,
        "unit": "money",
        "values": ["0.00", "0.00", "20.50"],
        "total": "20.50",
        "before": "0.00",
    }
    assert lines["grossProfit"]["values"][0] == "900.09"
    assert lines["grossMargin"]["values"][0] == 0.9
    assert lines["netProfit"]["values"][1] == "-1900.01"
    assert body["netProfit"] == lines["netProfit"]["total"]
    assert body["netMargin"] == lines["netMargin"]["total"]
    assert body["bySource"]["gifts"] == lines["gifts"]["total"]
    assert lines["subscriptions"]["before"] == "20.00"
    assert body["comparison"]["period"] == {
        "from": "2025-10-03",
        "to": "2025-12-31",
        "timezone": "Europe/Berlin",
    }
    assert [rate["currency"] for rate in body["rates"]] == (["USD"] if body["rates"] else [])
    assert {"what": "transactions", "currency": "UZS", "amount": "500.00", "rows": 1} in body["unconverted"]


def test_a_margin_of_nothing_is_null(get: Ask, anna: Profile) -> None:
    body = get(f"/api/pnl/{anna.profile_id}", compare="none").json
    Statement.model_validate(body)
    assert (body["netProfit"], body["netMargin"], body["comparison"]) == ("0.00", None, None)


def test_the_export_agrees_to_the_cent(get: Ask, address: str) -> None:
    for query in (
        QUARTER,
        {"period": "12m"},
        {"period": "24h"},
        {"period": "ytd", "granularity": "week", "compare": "none"},
        {"from": "2026-03-01", "to": "2026-03-31", "compare": "year"},
    ):
        body, answer = get(address, **query).json, get(f"{address}/export", **query)
        header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
        compared = body["comparison"]
        assert header[:3] == ["line", "label", "currency"]
        name = "start" if body["granularity"] == "hour" else "from"
        assert header[3 : 3 + len(body["columns"])] == [column[name] for column in body["columns"]]
        assert len(header) == len(body["columns"]) + (5 if compared else 4)
        for line, row in zip(body["lines"], rows, strict=True):
            figures = [*line["values"], line["total"], *([line["before"]] if compared else [])]
            unit = "EUR" if line["unit"] == "money" else ""
            shown = ["" if figure is None else str(figure) for figure in figures]
            assert row == [line["key"], line["label"], unit, *shown]


def test_the_export_is_a_file(get: Ask, address: str) -> None:
    answer = get(f"{address}/export", format="csv", **QUARTER)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="profit-and-loss-2026-01-01-2026-03-31.csv"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.count(b"\r\n") == len(KEYS) + 1 == answer.data.count(b"\n")
    assert answer.data.endswith(b"\r\n")
    assert b",-1900.01," in answer.data


def test_other_formats_are_refused(get: Ask, address: str) -> None:
    assert pointers(get(f"{address}/export", format="xlsx")) == ["format"]
