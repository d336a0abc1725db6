"""`verify` names what does not hold, and `rebuild` mends it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from models.schema import (
    duo_referral_stats,
    engagement_metrics,
    funnel_visitors,
    profile_performance,
    revenue_daily,
    traffic_breakdown,
    visitor_days,
)
from models.stores import Stores
from services import rollups
from services.ingest import events, transactions
from services.ingest.inputs import Event, Split, Transaction
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")


@pytest.fixture
def busy(stores: Stores, anna: Profile) -> Profile:
    """A profile with something in every rollup."""
    view = Event(
        profile_id=anna.profile_id, event_type="view", timestamp=NOW, duration_seconds=3, visitor_id="v"
    )
    booking = Transaction(
        profile_id=anna.profile_id,
        transaction_type="booking",
        amount="10",
        transaction_date=NOW,
        partner_id="p",
        split=Split(profile="0.6", partner="0.4"),
    )
    events.store(stores, [view], NOW)
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [booking], NOW)
    return anna


@pytest.mark.parametrize(
    ("table", "column", "says"),
    [
        (
            profile_performance,
            "total_views",
            "profile_performance 2026-11-20: total_views is 8, the raw rows give 1",
        ),
        (profile_performance, "unique_visitors", "unique_visitors is 8, the raw rows give 1"),
        (profile_performance, "visible_ms", "visible_ms is 8, the raw rows give 3000"),
        (engagement_metrics, "value", "engagement_metrics views / 2026-11-20 11:00:00+00:00: value is 8"),
        (traffic_breakdown, "views", "traffic_breakdown 2026-11-20 / source / Direct: views is 8"),
        (
            revenue_daily,
            "gross",
            "revenue_daily 2026-11-20 / booking / : gross is 8.0000, the raw rows give 6.0000",
        ),
        (duo_referral_stats, "booking_count", "duo_referral_stats p / EUR: booking_count is 8"),
    ],
)
def test_a_wrong_figure_is_named_and_mended(
    stores: Stores, busy: Profile, table: Any, column: str, says: str
) -> None:
    with stores.database.transaction() as tx:
        tx.run(update(table).values({column: 8}))
    (difference,) = rollups.verify(stores.database, busy.profile_id)
    assert says in str(difference)
    rollups.rebuild(stores.database, busy.profile_id)
    assert rollups.verify(stores.database, busy.profile_id) == []


def test_a_missing_and_a_strange_row_are_named(stores: Stores, busy: Profile) -> None:
    stranger = {"profile_id": busy.profile_id, "local_date": NOW.date(), "visitor_key": b"x"}
    with stores.database.transaction() as tx:
        tx.run(delete(revenue_daily))
        tx.run(visitor_days.insert().values(stranger))
    found = {
        (each.table, each.stored, each.counted) for each in rollups.verify(stores.database, busy.profile_id)
    }
    assert ("visitor_days", "1", "0") in found
    assert ("revenue_daily", "0", "6.0000") in found
    with stores.database.transaction() as tx:
        tx.run(delete(visitor_days))
    assert "visitor_days" in {each.table for each in rollups.verify(stores.database, busy.profile_id)}
    rollups.rebuild(stores.database, busy.profile_id)
    assert rollups.verify(stores.database, busy.profile_id) == []


def test_a_stranger_in_the_funnel_is_named(stores: Stores, busy: Profile) -> None:
    click = Event(
        profile_id=busy.profile_id, event_type="click", timestamp=NOW, visitor_id="v", target="gift:rose"
    )
    events.store(stores, [click], NOW)
    stranger = {
        "profile_id": busy.profile_id,
        "local_date": NOW.date(),
        "step": "checkout",
        "visitor_key": b"x",
    }
    with stores.database.transaction() as tx:
        tx.run(funnel_visitors.insert().values(stranger))
    (difference,) = rollups.verify(stores.database, busy.profile_id)
    assert str(difference) == (
        "funnel_visitors 2026-11-20 / checkout / 78: visitor is 1, the raw rows give 0"
    )
    rollups.rebuild(stores.database, busy.profile_id)
    assert rollups.verify(stores.database, busy.profile_id) == []
    with stores.database.transaction() as tx:
        assert [row["step"] for row in tx.rows(select(funnel_visitors))] == ["item"]


def test_each_profile_stands_for_itself(stores: Stores, busy: Profile, priya: Profile) -> None:
    with stores.database.transaction() as tx:
        tx.run(update(profile_performance).values(total_views=8))
    assert rollups.verify(stores.database, priya.profile_id) == []
    rollups.rebuild(stores.database, priya.profile_id)
    assert len(rollups.verify(stores.database, busy.profile_id)) == 1
