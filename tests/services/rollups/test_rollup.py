"""`verify` names what does not hold, and `rebuild` mends it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, update

from models.schema import (
    duo_referral_stats,
    engagement_metrics,
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


def test_each_profile_stands_for_itself(stores: Stores, busy: Profile, priya: Profile) -> None:
    with stores.database.transaction() as tx:
        tx.run(update(profile_performance).values(total_views=8))
    assert rollups.verify(stores.database, priya.profile_id) == []
    rollups.rebuild(stores.database, priya.profile_id)
    assert len(rollups.verify(stores.database, busy.profile_id)) == 1
