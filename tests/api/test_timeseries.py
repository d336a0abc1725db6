"""Every bucket of a range is answered, and null is not zero."""

from datetime import timedelta
from typing import Any

import pytest

from api import profile_analytics, revenue
from models.clock import now
from models.stores import Stores
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.profiles import Profile
from tests.api.conftest import Ask


@pytest.fixture
def seen(stores: Stores, anna: Profile) -> str:
    """Anna's id, after two views and an inquiry on the day on which her clocks went forward."""
    who = {"profile_id": anna.profile_id, "ip": "192.0.2.1"}
    events.store(
        stores,
        [
            Event(**who, event_type="view", timestamp="2026-03-28T23:30:00Z"),
            Event(**who, event_type="view", timestamp="2026-03-29T21:30:00Z"),
            Event(**who, event_type="inquiry", timestamp="2026-03-29T12:00:00Z"),
        ],
        now(),
    )
    with stores.database.transaction() as tx:
        sale = Transaction(profile_id=anna.profile_id, type="gift", amount="10", date="2026-03-29")
        transactions.record(tx, anna, [sale], now())
    return str(anna.profile_id)


def points(get: Ask, profile: str, **query: str) -> list[dict[str, Any]]:
    body = get(f"/api/profile-analytics/{profile}/timeseries", **query).json
    profile_analytics.Series.model_validate(body)
    listed: list[dict[str, Any]] = body["points"]
    return listed


def test_days_with_the_offset_of_the_day(get: Ask, seen: str) -> None:
    found = points(get, seen, **{"from": "2026-03-28", "to": "2026-03-30"})
    assert [point["start"] for point in found] == [
        "2026-03-28T00:00:00+01:00",
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
    ]
    assert [point["views"] for point in found] == [0, 2, 0]
    assert found[1] == {
        "start": "2026-03-29T00:00:00+01:00",
        "clipped": False,
        "running": False,
        "views": 2,
        "uniqueVisitors": 1,
        "inquiries": 1,
        "conversionRate": 0.5,
    }
    assert found[0]["conversionRate"] is None


def test_hours_of_a_day_with_23(get: Ask, seen: str) -> None:
    found = points(get, seen, **{"from": "2026-03-29", "to": "2026-03-29", "granularity": "hour"})
    assert len(found) == 23
    assert [point["start"][11:13] for point in found][:4] == ["00", "01", "03", "04"]
    assert sum(point["views"] for point in found) == 2


def test_weeks_are_clipped_to_the_range(get: Ask, seen: str) -> None:
    found = points(get, seen, **{"from": "2026-03-25", "to": "2026-04-05", "granularity": "week"})
    assert [(point["start"][:10], point["clipped"]) for point in found] == [
        ("2026-03-25", True),
        ("2026-03-30", False),
    ]


def test_what_has_not_begun_is_null(get: Ask, seen: str, anna: Profile) -> None:
    today = anna.local_date(now())
    found = points(get, seen, **{"from": str(today), "to": str(today + timedelta(days=1))})
    assert [(point["views"], point["running"]) for point in found] == [(0, True), (None, False)]


def test_every_period_in_every_granularity(get: Ask, seen: str) -> None:
    for period in ("24h", "7d", "30d", "90d", "12m", "mtd", "qtd", "ytd", "all"):
        for granularity in ("hour",) if period == "24h" else ("day", "week", "month"):
            assert points(get, seen, period=period, granularity=granularity), (period, granularity)


def test_revenue(get: Ask, seen: str) -> None:
    body = get(f"/api/revenue/{seen}/timeseries", **{"from": "2026-03-28", "to": "2026-03-29"}).json
    revenue.Series.model_validate(body)
    assert (body["currency"], body["granularity"]) == ("EUR", "day")
    assert [point["gross"] for point in body["points"]] == ["0.00", "10.00"]
    assert body["points"][1]["bySource"] == {
        "bookings": "0.00",
        "gifts": "10.00",
        "subscriptions": "0.00",
        "affiliate": "0.00",
    }
