"""Marketing return: cost, whom it brought, and the revenue that goes with them, by channel."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.schema import profile_events, profile_performance, revenue_daily, traffic_breakdown
from models.schema import transactions as table
from models.stores import Stores
from services import costs, scope
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.metrics import report
from services.metrics.marketing import by_channel
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
QUARTER = {"from": "2026-09-01", "to": "2026-11-30"}


def spend(stores: Stores, profile: Profile, amount: str, channel: str | None, day: str, **more: Any) -> None:
    given = {"category": "marketing", "description": "It", "profile_id": profile.profile_id, **more}
    with stores.database.transaction() as tx:
        costs.add(tx, profile, Cost(**given, amount=amount, channel=channel, date=day), NOW)


def earn(stores: Stores, profile: Profile, amount: Any, day: str, **more: Any) -> None:
    sale = Transaction(profile_id=profile.profile_id, type="booking", amount=amount, date=day, **more)
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, [sale], NOW)


def visits(stores: Stores, profile: Profile, kind: str, number: int, day: str, source: str) -> None:
    seen = {"profile_id": profile.profile_id, "event_type": kind, "ip": "192.0.2.1"}
    at = {"timestamp": f"{day}T10:00:00+01:00", "url": f"https://anna.example/?utm_source={source}"}
    if number:
        events.store(stores, [Event(**seen, **at)] * number, NOW)


def rows(stores: Stores, profile: Profile, **parameters: str) -> list[tuple[Any, ...]]:
    found = by_channel(stores.database, scope.parse(profile, parameters, NOW))
    return [(row.key, *row.values.values()) for row in found.rows]


def test_nothing_is_nothing(stores: Stores, anna: Profile) -> None:
    assert rows(stores, anna) == []
    figures = report(stores.database, scope.parse(anna, {}, NOW), ("costPerView", "costPerInquiry"))
    assert figures["costPerView"].total is figures["costPerInquiry"].total is None


def test_every_channel(stores: Stores, anna: Profile) -> None:
    visits(stores, anna, "view", 10, "2026-11-03", "instagram")
    visits(stores, anna, "inquiry", 1, "2026-11-03", "instagram")
    visits(stores, anna, "inquiry", 3, "2026-11-04", "newsletter")
    visits(stores, anna, "view", 5, "2026-11-04", "looked-only")
    spend(stores, anna, "25", "Instagram", "2026-11-01")
    spend(stores, anna, "5", "Billboard", "2026-11-02")
    spend(stores, anna, "60", None, "2026-11-02")
    spend(stores, anna, "9", "Instagram", "2026-11-02", category="tools")
    earn(stores, anna, "1000", "2026-11-10", refundedAmount="200", status="refunded", refundedAt="2026-11-12")
    assert rows(stores, anna) == [
        ("", 60, 0, 0, None, None, None, None),
        ("Instagram", 25, 10, 1, Decimal("2.5"), 25, 200, 8),
        ("Billboard", 5, 0, 0, None, None, 0, 0),
        ("newsletter", 0, 0, 3, None, 0, 600, None),
    ]


def test_revenue_goes_by_the_inquiries_of_its_own_month(stores: Stores, anna: Profile) -> None:
    spend(stores, anna, "10", "Instagram", "2026-09-01")
    visits(stores, anna, "inquiry", 1, "2026-09-10", "instagram")
    visits(stores, anna, "inquiry", 1, "2026-10-10", "instagram")
    visits(stores, anna, "inquiry", 2, "2026-10-10", "google")
    for day, amount in (("2026-09-20", "100"), ("2026-10-20", "90"), ("2026-11-19", "5000")):
        earn(stores, anna, amount, day)
    found = {row[0]: row[6] for row in rows(stores, anna, **QUARTER)}
    assert found == {"Instagram": 130, "Google": 60}, "nobody asked in November: nothing of it is attributed"
    assert {row[0]: row[6] for row in rows(stores, anna, **{"from": "2026-10-15", "to": "2026-11-30"})} == {}


def test_names_are_one_whatever_their_capitals(stores: Stores, anna: Profile) -> None:
    visits(stores, anna, "inquiry", 1, "2026-11-03", "instagram")
    spend(stores, anna, "25", "INSTAGRAM", "2026-11-01")
    spend(stores, anna, "5", "instagram", "2026-11-01")
    ((_, cost, _, inquiries, *_),) = rows(stores, anna)
    assert (cost, inquiries) == (30, 1)


@pytest.mark.parametrize("period", ["24h", "7d", "12m"])
def test_the_compared_period_stands_beside(stores: Stores, anna: Profile, period: str) -> None:
    spend(stores, anna, "25", "Instagram", "2026-11-20")
    spend(stores, anna, "10", "Instagram", "2020-11-20")
    asked = scope.parse(anna, {"period": period}, NOW)
    (row,) = by_channel(stores.database, asked).rows
    assert row.values["marketing"] == 25
    assert row.before is not None
    assert row.before["marketing"] == 0


SOURCES = ("instagram", "google", "newsletter")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.dictionaries(
        some.sampled_from(("2026-09-15", "2026-10-15", "2026-11-15")),
        some.tuples(
            some.decimals("0", "9999", places=2), some.lists(some.integers(0, 4), min_size=3, max_size=3)
        ),
    )
)
def test_what_is_attributed_is_what_was_earned_while_somebody_asked(
    stores: Stores, anna: Profile, months: dict[str, tuple[Decimal, list[int]]]
) -> None:
    with stores.database.transaction() as tx:
        for each in (table, revenue_daily, profile_events, profile_performance, traffic_breakdown):
            tx.run(each.delete())
    for day, (amount, inquiries) in months.items():
        earn(stores, anna, amount, day)
        for source, number in zip(SOURCES, inquiries, strict=True):
            visits(stores, anna, "inquiry", number, day, source)
    attributed = sum(row[6] for row in rows(stores, anna, **QUARTER))
    earned = sum(amount for amount, inquiries in months.values() if any(inquiries))
    assert abs(attributed - earned) < Decimal("1e-9")
