"""The laws of a change: all is as if the profile had had its zone and currency from the first day."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.errors import InvalidInput, NotFound
from models.schema import (
    cost_entries,
    duo_referral_stats,
    engagement_metrics,
    funnel_visitors,
    fx_rates,
    profile_events,
    profile_performance,
    revenue_daily,
    traffic_breakdown,
    transaction_refunds,
    transactions,
    visitor_days,
)
from models.stores import Stores
from services import changes, profiles, rollups
from services.profiles import Profile
from tests.services.rollups import histories
from tests.services.rollups.histories import EARLY_RATES, PLACES, History

_RAW = (profile_events, transactions, transaction_refunds, cost_entries)
_ROLLUPS = (
    profile_performance,
    engagement_metrics,
    traffic_breakdown,
    visitor_days,
    funnel_visitors,
    revenue_daily,
    duo_referral_stats,
)
# What differs between two profiles that are told the same, and when it was told.
_NOT_COMPARED = {"profile_id", "visitor_key", "created_at", "updated_at"}
_law = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

_places = st.tuples(*(st.sampled_from(each) for each in zip(*PLACES, strict=True)))


@_law
@given(history=histories.histories(), place=_places)
def test_a_changed_profile_is_as_if_it_had_always_been_so(
    stores: Stores, history: History, place: tuple[str, str]
) -> None:
    _publish(stores, history)
    zone, currency = place
    changed = _told(stores, history, history.zone, history.currency)
    _change(stores, changed, zone, currency)
    assert _stored(stores, changed) == _stored(stores, _told(stores, history, zone, currency))
    assert rollups.verify(stores.database, changed.profile_id) == []


@settings(_law, max_examples=6)
@given(history=histories.histories(), place=_places)
def test_there_and_back_again_all_is_as_before(
    stores: Stores, history: History, place: tuple[str, str]
) -> None:
    _publish(stores, history)
    profile = _told(stores, history, history.zone, history.currency)
    before = _stored(stores, profile)
    _change(stores, profile, *place)
    _change(stores, profile, history.zone, history.currency)
    assert _stored(stores, profile) == before


@settings(_law, max_examples=6)
@given(history=histories.histories(), zone=st.sampled_from([zone for zone, _ in PLACES]))
def test_another_zone_moves_days_but_no_totals(stores: Stores, history: History, zone: str) -> None:
    # Whose rates are the same on every day: another day is another amount else.
    histories.seed(stores, history.now)
    profile = _told(stores, history, history.zone, history.currency)
    before = _totals(stores, profile)
    _change(stores, profile, zone, history.currency)
    assert _totals(stores, profile) == before


def _told(stores: Stores, history: History, zone: str, currency: str) -> Profile:
    """A profile of this zone and currency that was told the history, but for its new rates: what was
    converted before they came keeps its rate, until it is converted again."""
    with stores.database.transaction() as tx:
        profile = profiles.add(
            tx, name="Anna", time_zone=zone, currency=currency, own_hosts=[histories.OWN_HOST], at=history.now
        )
    for step in history.steps:
        if step.name != "rates":
            with suppress(InvalidInput, NotFound):
                step.tell(stores, profile)
    return profile


def _publish(stores: Stores, history: History) -> None:
    """Rates that differ from day to day, and are missing for weeks; of KWD and AUD there is none."""
    days = [(history.now - timedelta(days=back)).date() for back in range(420) if back % 60 < 40]
    rows = [
        (code, day, "ecb", rate + day.toordinal() % 7) for code, rate in EARLY_RATES.items() for day in days
    ]
    with stores.database.transaction() as tx:
        tx.run(fx_rates.delete())
        tx.copy(fx_rates, ("currency", "rate_date", "source", "rate"), rows)


def _change(stores: Stores, profile: Profile, zone: str, currency: str) -> None:
    changes.change(stores.database, profile.profile_id, zone, currency)


def _stored(stores: Stores, profile: Profile) -> dict[str, list[str]]:
    """Every row of the profile; rollups without those that count nothing."""
    found = {}
    with stores.database.transaction() as tx:
        for table in (*_RAW, *_ROLLUPS):
            columns = [column for column in table.c if column.name not in _NOT_COMPARED]
            rows = tx.rows(select(*columns).where(table.c.profile_id == profile.profile_id))
            sums = [column.name for column in columns if column.server_default is not None]
            sums = [name for name in sums if not table.c[name].computed]
            kept = [row for row in rows if table in _RAW or not sums or any(row[name] for name in sums)]
            found[table.name] = sorted(str(dict(row)) for row in kept)
    return found


def _totals(stores: Stores, profile: Profile) -> dict[str, Any]:
    """What each rollup sums to over all time; visitors, who count once a day, left out."""
    found = {}
    with stores.database.transaction() as tx:
        for table in (profile_performance, engagement_metrics, traffic_breakdown, revenue_daily):
            for column in table.c:
                summed = column.server_default is not None and not column.computed
                if summed and column.name != "unique_visitors":
                    own = table.c.profile_id == profile.profile_id
                    found[str(column)] = tx.value(select(func.coalesce(func.sum(column), 0)).where(own))
    return found
