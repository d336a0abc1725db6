"""Pricing: average and median booking, and how many inquiries lead to one."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.database import Database
from models.schema import revenue_daily
from models.schema import transactions as table
from models.stores import Stores
from services import scope
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.metrics import report
from services.metrics.report import Report
from services.profiles import Profile

KEYS = ("bookingCount", "averageBooking", "medianBooking", "bookingsPer100Inquiries")
NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")


def book(database: Database, profile: Profile, *amounts: Any, **more: Any) -> None:
    given = {"profile_id": profile.profile_id, "type": "booking", "date": "2026-11-20", **more}
    with database.transaction() as tx:
        transactions.record(tx, profile, [Transaction(**given, amount=amount) for amount in amounts], NOW)


def asked(database: Database, profile: Profile, **parameters: str) -> Report:
    return report(database, scope.parse(profile, parameters, NOW), KEYS)


def test_nothing_is_not_measured(database: Database, anna: Profile) -> None:
    found = asked(database, anna, period="7d")
    assert [found[key].total for key in KEYS] == [0, None, None, None]
    assert found["medianBooking"].points == (None,) * 7


def test_the_middle_of_an_odd_and_of_an_even_number(database: Database, anna: Profile) -> None:
    book(database, anna, "900", "100", "200.10")
    assert asked(database, anna)["medianBooking"].total == Decimal("200.10")
    book(database, anna, "200.25")
    assert asked(database, anna)["medianBooking"].total == Decimal("200.175")
    assert asked(database, anna)["averageBooking"].total == Decimal("350.0875")


def test_the_median_of_a_range_is_not_one_of_medians(database: Database, anna: Profile) -> None:
    book(database, anna, "1", "2", "3", date="2026-11-18")
    book(database, anna, "100", date="2026-11-19")
    figure = asked(database, anna, period="7d")["medianBooking"]
    assert figure.points == (None, None, None, None, 2, 100, None)
    assert figure.total == Decimal("2.5")


def test_what_counts(database: Database, anna: Profile, publish: Callable[..., None]) -> None:
    publish("USD", "2026-11-20", "1.25")
    book(database, anna, "80", currency="USD")
    book(database, anna, "200", partner_id="p", split={"profile": "0.6", "partner": "0.4"})
    book(database, anna, "500", status="refunded", refundedAmount="500")
    book(database, anna, "7", status="pending")
    book(database, anna, "7", currency="CHF")
    book(database, anna, "7", type="gift")
    for period in ("24h", "7d", "12m"):
        found = asked(database, anna, period=period)
        assert [found[key].total for key in KEYS[:3]] == [3, 228, 120], period


def test_bookings_per_100_inquiries(stores: Stores, anna: Profile) -> None:
    seen = {"profile_id": anna.profile_id, "event_type": "inquiry", "timestamp": NOW, "ip": "192.0.2.1"}
    events.store(stores, [Event(**seen)] * 8, NOW)
    assert asked(stores.database, anna)["bookingsPer100Inquiries"].total == 0
    book(stores.database, anna, "10", "10", "10")
    figure = asked(stores.database, anna, period="7d")["bookingsPer100Inquiries"]
    assert figure.total == Decimal("37.5")
    assert figure.points == (None,) * 6 + (Decimal("37.5"),)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.decimals("0", "9999", places=2), min_size=1, max_size=12))
def test_the_median_is_exact(database: Database, anna: Profile, amounts: list[Decimal]) -> None:
    with database.transaction() as tx:
        tx.run(table.delete())
        tx.run(revenue_daily.delete())
    book(database, anna, *amounts)
    assert asked(database, anna)["medianBooking"].total == median(amounts)
