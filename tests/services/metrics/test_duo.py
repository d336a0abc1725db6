"""Shared bookings: the figures hold together, whatever is sold, given back, announced or not converted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.stores import Stores
from services import profiles, rollups, scope
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.metrics import report
from services.metrics.duo import Partners, Rhythm, partners
from services.profiles import Profile
from tests.services.rollups import histories

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
TODAY = NOW.date()
KEYS = ("duoBookings", "duoRevenue", "duoShare", "partnerShare")
PERIODS = (
    {"period": "24h"},
    {"from": "2026-11-20", "to": "2026-11-20", "granularity": "hour"},
    {"period": "7d"},
    {"period": "90d", "granularity": "week"},
    {"period": "12m", "compare": "year"},
)


@st.composite
def sales(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sales of the last weeks: shared or not, in this currency or that, given back in part or whole."""
    made = []
    for number in range(draw(st.integers(1, 14))):
        at = NOW - timedelta(hours=draw(st.sampled_from((0, 3, 14, 30, 100, 700, 2_000, 4_000))))
        amount = Decimal(draw(st.integers(0, 90_000))) / 100
        sale: dict[str, Any] = {
            "id": UUID(int=number + 1),
            "type": draw(st.sampled_from(("booking", "booking", "booking", "gift"))),
            "amount": amount,
            "currency": draw(st.sampled_from(("EUR", "EUR", "USD", "AUD"))),
            "date": at if draw(st.booleans()) else at.date(),
            "status": draw(st.sampled_from(("completed", "completed", "refunded", "pending"))),
        }
        if sale["status"] == "refunded":
            back = at + timedelta(hours=draw(st.sampled_from((0, 5, 60, 900))))
            sale["refundedAmount"] = draw(st.sampled_from((amount, round(amount / 3, 2))))
            sale["refundedAt"] = min(back, NOW)
        if partner := draw(st.sampled_from((None, "noa", "elif", "=1+1"))):
            sale["partnerId"] = partner
            part = Decimal(draw(st.sampled_from(("0", "0.333", "0.5", "1"))))
            sale["split"] = draw(st.sampled_from((None, {"profile": part, "partner": 1 - part})))
        made.append(sale)
    return made


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sold=sales())
def test_revenue_is_both_shares_and_the_partners_sum_to_it(
    stores: Stores, sold: list[dict[str, Any]]
) -> None:
    histories.seed(stores, NOW)
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="Ann", time_zone="Europe/Berlin", currency="EUR", at=NOW)
    _record(stores, profile, sold)
    for asked in PERIODS:
        wanted = scope.parse(profile, asked, NOW)
        figures = report(stores.database, wanted, KEYS)
        found = partners(stores.database, wanted)
        bookings, revenue, share, partner_share = (figures[key] for key in KEYS)
        assert revenue.total == share.total + partner_share.total  # type: ignore[operator]  # money is known
        for whole, own, theirs in zip(revenue.points, share.points, partner_share.points, strict=True):
            assert (whole or 0) == (own or 0) + (theirs or 0)
        for figure in figures.figures.values():
            assert sum(point or 0 for point in figure.points) == figure.total
        assert sum(one.now.bookings for one in found.partners) == bookings.total
        assert sum(one.now.revenue for one in found.partners) == revenue.total
        assert sum(one.now.share for one in found.partners) == share.total
        assert sum(one.now.partner_share for one in found.partners) == partner_share.total
        assert sum(one.before.share if one.before else 0 for one in found.partners) == share.before
        assert all(one.now.split is None or 0 <= one.now.split <= 1 for one in found.partners)
        assert len([one for one in found.partners if one.best]) <= 1
        counted = {
            sale["partnerId"]
            for sale in sold
            if sale["type"] == "booking" and sale.get("partnerId") and sale["status"] != "pending"
        }
        assert {one.partner_id for one in found.partners} <= counted
    assert rollups.verify(stores.database, profile.profile_id) == []


@pytest.fixture
def booked(stores: Stores, anna: Profile) -> Callable[..., None]:
    """Books with a partner: `booked("noa", "2026-11-01", ...)`, 100 euros each, split 60 to 40."""

    def book(partner: str, *days: str, **more: Any) -> None:
        split = {"profile": "0.6", "partner": "0.4"}
        sale = {"type": "booking", "amount": "100", "partnerId": partner, "split": split, **more}
        _record(stores, anna, [{**sale, "date": day} for day in days])

    return book


def test_a_partner_in_full(stores: Stores, anna: Profile, booked: Callable[..., None]) -> None:
    booked("noa", "2025-01-01", "2026-09-10", "2026-10-25", "2026-11-10")
    booked("noa", "2026-10-30", amount="50", status="refunded", refundedAmount="10", refundedAt="2026-11-02")
    booked("noa", "2026-11-12", status="pending")
    booked("noa", "2026-11-13", currency="XAF")
    (noa,) = _partners(stores, anna, {"from": "2026-10-22", "to": "2026-11-20"}).partners
    assert (noa.now.bookings, noa.now.revenue, noa.now.share, noa.now.partner_share) == (3, 240, 144, 96)
    assert noa.now.split == Decimal("0.6")
    assert noa.now.per_month == 3 / (30 / Decimal("30.44"))
    assert (noa.now.first_booking, noa.now.last_booking) == (date(2026, 10, 25), date(2026, 11, 10))
    assert noa.best
    assert noa.before is not None
    assert (noa.before.bookings, noa.before.share, noa.before.first_booking) == (0, 0, None)
    assert noa.before.split is None


def test_partners_come_by_their_share_and_those_of_before_last(
    stores: Stores, anna: Profile, booked: Callable[..., None]
) -> None:
    booked("gone", "2026-10-01")
    booked("small", "2026-11-01")
    booked("large", "2026-11-01", amount="900")
    booked("old", "2026-01-01")
    found = _partners(stores, anna, {"period": "30d"})
    assert [(one.partner_id, one.best) for one in found.partners] == [
        ("large", True),
        ("small", False),
        ("gone", False),
    ]
    gone = found.partners[-1]
    assert (gone.now.bookings, gone.now.share, gone.now.per_month, gone.now.last_booking) == (0, 0, 0, None)
    assert gone.before is not None
    assert found.change(gone) == -1
    assert found.change(found.partners[0]) is None
    cut = partners(stores.database, found.scope, limit=1)
    assert ([one.partner_id for one in cut.partners], cut.more) == (["large"], 2)
    assert partners(stores.database, found.scope, limit=None) == found
    alone = _partners(stores, anna, {"period": "30d", "compare": "none"})
    assert [(one.partner_id, one.before) for one in alone.partners] == [("large", None), ("small", None)]


def test_what_is_given_back_later_is_taken_off_on_its_day(
    stores: Stores, anna: Profile, booked: Callable[..., None]
) -> None:
    booked("noa", "2026-09-01", status="refunded", refundedAmount="100", refundedAt="2026-11-19")
    (noa,) = _partners(stores, anna, {"period": "7d"}).partners
    assert (noa.now.bookings, noa.now.share, noa.now.revenue, noa.now.split) == (0, -60, -100, None)
    assert noa.now.per_month is None
    assert not noa.best


@pytest.mark.parametrize(
    ("days", "fading"),
    [
        ((100, 80, 60), True),
        ((60, 40, 20), False),
        ((80, 60, 41), True),
        ((80, 60, 40), False),
        ((100, 80), False),
        ((90, 90, 90), False),
        # One long pause is not what is usual.
        ((300, 100, 90, 80, 10), False),
        # Two of a day are one meeting, not a habit of meeting again at once.
        ((40, 40, 30, 30, 15, 15), False),
    ],
)
def test_fading(
    stores: Stores, anna: Profile, booked: Callable[..., None], days: tuple[int, ...], fading: bool
) -> None:
    booked("noa", *((TODAY - timedelta(days=ago)).isoformat() for ago in days))
    found = _partners(stores, anna, {"period": "12m"})
    (noa,) = found.partners
    assert noa.fading is fading
    assert noa.rhythm is not None
    assert (noa.rhythm.bookings, noa.rhythm.silent) == (len(days), days[-1])


def test_fading_is_as_of_the_end_of_the_period(
    stores: Stores, anna: Profile, booked: Callable[..., None]
) -> None:
    booked("noa", "2026-01-01", "2026-01-11", "2026-01-21", "2026-03-01", "2026-03-02", "2026-03-03")
    (then,) = _partners(stores, anna, {"from": "2026-01-01", "to": "2026-02-20"}).partners
    assert then.rhythm == Rhythm(3, date(2026, 1, 21), 30, Decimal(10))
    assert then.fading
    (later,) = _partners(stores, anna, {"from": "2026-01-01", "to": "2026-03-04"}).partners
    assert not later.fading
    # What has not come yet is no silence.
    (ahead,) = _partners(stores, anna, {"from": "2026-11-01", "to": "2027-01-31", "compare": "year"}).partners
    assert ahead.rhythm is not None
    assert ahead.rhythm.silent == 262


def test_without_partners_there_is_nothing(stores: Stores, anna: Profile) -> None:
    _record(stores, anna, [{"type": "booking", "amount": "100", "date": "2026-11-10"}])
    assert _partners(stores, anna, {"period": "30d"}).partners == ()


def _partners(stores: Stores, profile: Profile, asked: dict[str, str]) -> Partners:
    return partners(stores.database, scope.parse(profile, asked, NOW))


def _record(stores: Stores, profile: Profile, sold: list[dict[str, Any]]) -> None:
    batch = [Transaction(profile_id=profile.profile_id, **sale) for sale in sold]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, batch, NOW)
