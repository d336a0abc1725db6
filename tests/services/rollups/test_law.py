"""The law of the rollups: whatever happens, they are the exact sum of what was told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from sqlalchemy import select

from models.errors import InvalidInput, NotFound
from models.period import Granularity, Period
from models.schema import (
    duo_referral_stats,
    engagement_metrics,
    funnel_visitors,
    profile_performance,
    revenue_daily,
    traffic_breakdown,
    transaction_refunds,
    transactions,
    visitor_days,
)
from models.stores import Stores
from services import profiles, rollups, scope
from services.metrics import report
from services.metrics.funnel import funnel
from services.metrics.gifts import categories
from services.metrics.traffic import breakdown
from services.profiles import Profile
from services.scope import Scope
from tests.services.rollups import histories
from tests.services.rollups.histories import OWN_HOST, History
from tests.services.rollups.recount import ADDITIVE, Recount

_ROLLUPS = (
    profile_performance,
    engagement_metrics,
    traffic_breakdown,
    visitor_days,
    funnel_visitors,
    revenue_daily,
    duo_referral_stats,
)
_SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
_law = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=_SUPPRESSED
)


@_law
@given(history=histories.histories())
def test_rollups_and_metrics_equal_a_recount_after_every_step(stores: Stores, history: History) -> None:
    profile = _profile(stores, history)
    recount = Recount(history.zone, history.currency, history.now)
    recount.rates = histories.seed(stores, history.now)
    for step in history.steps:
        note(step.name)
        after = recount.attempt(step.model)
        if after is None:
            with pytest.raises((InvalidInput, NotFound)):
                step.tell(stores, profile)
        else:
            step.tell(stores, profile)
            recount = after
        assert rollups.verify(stores.database, profile.profile_id) == []
    _check(stores, profile, recount)
    stored = _stored(stores, profile)
    rollups.rebuild(stores.database, profile.profile_id)
    assert _stored(stores, profile) == stored


@settings(_law, max_examples=10)
@given(history=histories.histories(undo=False))
def test_a_history_told_twice_counts_once(stores: Stores, history: History) -> None:
    profile = _profile(stores, history)
    recount = Recount(history.zone, history.currency, history.now)
    recount.rates = histories.seed(stores, history.now)
    taken = []
    for step in history.steps:
        after = recount.attempt(step.model)
        if after is not None:
            step.tell(stores, profile)
            recount = after
            taken.append(step)
    before = _stored(stores, profile, (*_ROLLUPS, transactions, transaction_refunds))
    for step in taken:
        step.tell(stores, profile)
    assert _stored(stores, profile, (*_ROLLUPS, transactions, transaction_refunds)) == before


def _profile(stores: Stores, history: History) -> Profile:
    with stores.database.transaction() as tx:
        return profiles.add(
            tx,
            name="Anna",
            time_zone=history.zone,
            currency=history.currency,
            own_hosts=[OWN_HOST],
            at=history.now,
        )


def _stored(stores: Stores, profile: Profile, tables: Any = _ROLLUPS) -> dict[str, list[tuple[Any, ...]]]:
    """Every figure of the rollups that is not zero; stamps are left out."""
    found = {}
    with stores.database.transaction() as tx:
        for table in tables:
            columns = [c for c in table.c if c.name not in {"created_at", "updated_at", "metadata", "split"}]
            rows = tx.rows(select(*columns).where(table.c.profile_id == profile.profile_id))
            counted = [tuple(row.values()) for row in rows if table not in _ROLLUPS or _counts(table, row)]
            found[table.name] = sorted(counted, key=repr)
    return found


def _counts(table: Any, row: Any) -> bool:
    sums = [column.name for column in table.c if column.server_default is not None and not column.computed]
    return not sums or any(row[name] for name in sums)


def _check(stores: Stores, profile: Profile, recount: Recount) -> None:
    """The metrics, in several steps of time, are what the recount gives."""
    first = min((day for _, day, _, _ in recount.movements()), default=None)
    today = recount.local(recount.now)
    for asked in (
        {"period": "24h"},
        {"period": "7d"},
        {"period": "12m", "granularity": "month"},
        {"period": "all", "granularity": "week"},
        {"from": str(today), "to": str(today), "granularity": "hour"},
    ):
        parsed = scope.parse(profile, {**asked, "compare": "none"}, recount.now, lambda: first)
        _check_report(stores, recount, parsed)
        _check_funnel(stores, recount, parsed)
    year = scope.parse(profile, {"period": "12m", "compare": "none"}, recount.now)
    inside = _bucket(year)
    for dimension, attribute in (("source", "source"), ("country", "country")):
        rows = breakdown(stores.database, year, dimension).rows
        views = {row.key: row.values["views"] for row in rows if row.values["views"]}
        assert views == recount.views_by(attribute, inside), dimension
    ever = replace(year, period=Period.of_days(date(2025, 1, 1), today + timedelta(days=1), recount.zone))
    gifts = {
        row.key: (Fraction(row.values["giftRevenue"] or 0), row.values["giftCount"])
        for row in categories(stores.database, ever).rows
    }
    assert gifts == recount.gifts_by_category()
    with stores.database.transaction() as tx:
        duo = tx.rows(select(duo_referral_stats).where(duo_referral_stats.c.profile_id == profile.profile_id))
    shared = {row["currency"]: (row["booking_count"], Fraction(row["total_revenue"])) for row in duo}
    assert {key: kept for key, kept in shared.items() if any(kept)} == {
        key: kept for key, kept in recount.duo().items() if any(kept)
    }


def _check_report(stores: Stores, recount: Recount, asked: Scope) -> None:
    figures = report(stores.database, asked, (*ADDITIVE, "uniqueVisitors", "net", "netProfit"))
    inside = _bucket(asked)
    expected = recount.figures(inside)
    buckets = range(len(figures.buckets))
    for key in ADDITIVE:
        figure, sums = figures[key], expected[key]
        assert figure.total == sum(sums.values()), (asked.period, key)
        assert [point or 0 for point in figure.points] == [sums.get(index, 0) for index in buckets], (
            asked.period,
            key,
        )
    visitors = recount.visitors(inside)
    unique = figures["uniqueVisitors"]
    assert unique.total == len(set().union(*visitors.values()))
    assert [point or 0 for point in unique.points] == [len(visitors.get(index, ())) for index in buckets]
    sources = sum(
        Decimal(figures[key].total or 0) for key in ("bookings", "gifts", "subscriptions", "affiliate")
    )
    assert sources == figures["gross"].total
    spent = (
        Decimal(figures[key].total or 0)
        for key in ("marketing", "subscriptionCosts", "tools", "platformFees")
    )
    assert sum(spent) == figures["costs"].total
    total = {
        key: Fraction(figures[key].total or 0) for key in ("gross", "refunds", "costs", "net", "netProfit")
    }
    assert total["net"] == total["gross"] - total["refunds"]
    assert total["netProfit"] == total["net"] - total["costs"]


def _check_funnel(stores: Stores, recount: Recount, asked: Scope) -> None:
    inside = _bucket(asked)
    steps = {step.key: (step.visitors, step.count) for step in funnel(stores.database, asked)}
    for step, seen in recount.funnel(inside).items():
        assert steps[step] == (len(set(seen)), len(seen)), (asked.period, step)


def _bucket(asked: Scope) -> Callable[[datetime, date], int | None]:
    """Which step of the scope something falls into, None when into none."""
    buckets = asked.buckets

    def index(at: datetime, day: date) -> int | None:
        for number, bucket in enumerate(buckets):
            if asked.granularity is Granularity.HOUR:
                if bucket.start <= at < bucket.end:
                    return number
            elif bucket.first <= day <= bucket.last:
                return number
        return None

    return index
