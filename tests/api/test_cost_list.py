import base64
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from api.schemas import CostPage
from models.clock import now
from models.stores import Stores
from services import costs
from services.ingest.inputs import Cost
from services.profiles import Profile
from tests.api.conftest import Ask, pointers


@pytest.fixture
def address(stores: Stores, anna: Profile) -> str:
    """Where Anna's costs are listed: five, of which two are of one day."""
    with stores.database.transaction() as tx:
        for day, category, amount in (
            ("2026-01-31", "marketing", "10"),
            ("2026-02-01", "tools", "20.50"),
            ("2026-02-28", "platform_fees", "30"),
            ("2026-02-28", "marketing", "40"),
            ("2026-03-01", "subscriptions", "50"),
        ):
            what = {"category": category, "description": f"For {amount}", "amount": amount, "date": day}
            costs.add(tx, anna, Cost(profile_id=anna.profile_id, **what), now())
    return f"/api/costs/{anna.profile_id}"


def amounts(body: dict[str, Any]) -> list[str]:
    return [cost["amount"] for cost in body["costs"]]


def test_all_of_them_from_the_newest_day_on(get: Ask, address: str, anna: Profile) -> None:
    body = get(address).json
    CostPage.model_validate(body)
    assert sorted(amounts(body)[1:3]) == ["30.00", "40.00"]
    assert amounts(body)[::3] == ["50.00", "20.50"]
    assert amounts(body)[4] == "10.00"
    assert body["nextCursor"] is None
    assert body["profileId"] == str(anna.profile_id)
    assert body["period"]["from"] == "2026-01-31"


def test_of_a_period_and_a_category(get: Ask, address: str) -> None:
    february = {"from": "2026-02-01", "to": "2026-02-28"}
    assert sorted(amounts(get(address, **february).json)) == ["20.50", "30.00", "40.00"]
    assert amounts(get(address, **february, category="marketing").json) == ["40.00"]
    assert amounts(get(address, category="subscriptions", period="").json) == ["50.00"]
    assert pointers(get(address, category="food")) == ["category"]


def test_by_words(get: Ask, address: str) -> None:
    assert amounts(get(address, q="FOR 40").json) == ["40.00"]
    assert amounts(get(address, q="platform fees").json) == ["30.00"]
    assert amounts(get(address, q="nothing").json) == []
    assert len(amounts(get(address, q=" ").json)) == 5
    assert pointers(get(address, q="x" * 201)) == ["q"]
    assert pointers(get(address, q="a\x00b")) == ["q"]


def test_all_of_them_as_csv(get: Ask, address: str, stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        nasty = {
            "category": "tools",
            "description": "=1+1",
            "channel": "-x",
            "amount": "7",
            "currency": "XAF",
        }
        costs.add(tx, anna, Cost(profile_id=anna.profile_id, date="2026-03-02", **nasty), now())
    answer = get(f"{address}/entries/export")
    assert answer.mimetype == "text/csv"
    assert 'filename="cost-entries-2026-01-31-' in answer.headers["Content-Disposition"]
    first, *rest = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (first["description"], first["channel"]) == ("'=1+1", "'-x")
    assert (first["amount"], first["currency"], first["reportingAmount"]) == ("7", "XAF", "")
    assert [row["amount"] for row in rest] == amounts(get(address).json)[1:]
    assert {row["reportingCurrency"] for row in rest} == {"EUR"}


def test_the_csv_has_what_was_asked_for(get: Ask, address: str) -> None:
    def exported(**asked: str) -> list[str]:
        rows = csv.DictReader(io.StringIO(get(f"{address}/entries/export", **asked).text, newline=""))
        return [row["amount"] for row in rows]

    assert exported(category="marketing") == ["40.00", "10.00"]
    assert exported(**{"from": "2026-02-01", "to": "2026-02-28"}, q="for 2") == ["20.50"]
    assert pointers(get(f"{address}/entries/export", format="pdf")) == ["format"]


def test_page_by_page(get: Ask, address: str) -> None:
    whole, seen, cursor = get(address).json["costs"], [], None
    while cursor or not seen:
        body = get(address, limit=2, **({"cursor": cursor} if cursor else {})).json
        CostPage.model_validate(body)
        assert len(body["costs"]) <= 2
        seen += body["costs"]
        cursor = body["nextCursor"]
    assert seen == whole


def test_a_full_last_page_has_no_next(get: Ask, address: str) -> None:
    assert get(address, limit=5).json["nextCursor"] is None


def test_limits(get: Ask, address: str) -> None:
    for limit in ("0", "501", "-1", "ten", "1.5", "9" * 400):
        assert pointers(get(address, limit=limit)) == ["limit"]


def test_a_cursor_that_was_not_made_here(get: Ask, address: str) -> None:
    forged = [["2026-01-01"], ["x", "y"], ["2026-01-01", "x"], {"a": 1, "b": 2}, 7, ["2026-01-01", 5], "ab"]
    texts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in forged]
    for text in (*texts, "x", "%%%", "é", "\x00", "=", "W10"):
        assert pointers(get(address, cursor=text)) == ["cursor"], text
    assert pointers(get(address, cursor="x" * 501)) == ["cursor"]


def test_over_24_hours_sums_and_rows_are_of_the_same_days(stores: Stores, anna: Profile, get: Ask) -> None:
    today = anna.local_date(now())
    with stores.database.transaction() as tx:
        for amount, day in (("5", today), ("10", today - timedelta(days=1))):
            spent = {"category": "marketing", "description": "An ad", "channel": "Instagram"}
            cost = Cost(profile_id=anna.profile_id, amount=amount, expense_date=day, **spent)
            costs.add(tx, anna, cost, now())
    summary = get(f"/api/costs/{anna.profile_id}/summary", period="24h").json
    assert summary["total"] == summary["byCategory"]["marketing"] == "5.00"
    assert [each["cost"] for each in summary["marketing"]] == ["5.00"]
    listed = get(f"/api/costs/{anna.profile_id}", period="24h").json
    assert [each["amount"] for each in listed["costs"]] == ["5.00"]
