"""The law of closing: it changes no figure, whatever the history, and no figure can be changed after it."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.clock import now
from models.errors import PeriodClosed
from models.ids import new_id
from models.stores import Stores
from services import profiles, rollups
from services.imports import ledger
from services.imports.traffic import import_access_log
from services.ingest import events
from services.ingest.inputs import Event
from services.metrics import traffic
from services.profiles import Profile
from services.retention.months import due
from tests.services.imports.conftest import DATA, real
from tests.services.retention.months import YEAR, close, figures, raw, refusal, rollup_rows, view

__all__ = ["real"]

ZONES = ("Asia/Kolkata", "Pacific/Auckland", "America/New_York")
# Months whose ends are near a change of the clocks of these zones, or are not.
_ENDS = [(2025, 4), (2025, 9), (2025, 10), (2025, 11), (2026, 2), (2026, 3)]
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_VISITS = [metric.key for metric in traffic.METRICS]
_law = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def _events(draw: st.DrawFn) -> list[tuple[tuple[int, int], int, dict[str, object]]]:
    """Around the ends of months: by seconds, hours or days."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(_ENDS),
                st.sampled_from([-1, 0, 1])
                | st.integers(-90_000, 90_000)
                | st.integers(-2 * 10**6, 2 * 10**6),
                st.fixed_dictionaries(
                    {
                        "event_type": st.sampled_from(
                            ("view", "view", "click", "inquiry", "favorite", "share")
                        ),
                        "visitor_id": st.sampled_from(("v1", "v2", "v3")),
                        "country": st.sampled_from(("DE", "AT", None)),
                        "target": st.sampled_from((None, "gift-catalog", "gift:rose", "gift-checkout")),
                        "is_owner": st.booleans(),
                        "user_agent": st.sampled_from(
                            (None, "Googlebot/2.1 (+http://www.google.com/bot.html)")
                        ),
                        "duration_seconds": st.sampled_from((None, 5)),
                    }
                ),
            ),
            min_size=1,
            max_size=30,
        )
    )


@_law
@given(zone=st.sampled_from(ZONES), told=_events(), days=st.integers(30, 500))
def test_closing_changes_no_figure(
    stores: Stores, zone: str, told: list[tuple[tuple[int, int], int, dict[str, object]]], days: int
) -> None:
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="P", time_zone=zone, currency="EUR", at=_NOW)
    batches: dict[datetime, list[Event]] = {}
    for (year, month), off, fields in told:
        end = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        event = Event(
            id=new_id(), profile_id=profile.profile_id, timestamp=end + timedelta(seconds=off), **fields
        )
        batches.setdefault(end + timedelta(days=25), []).append(event)
    for received, batch in batches.items():
        events.store(stores, batch, received)
    keep = timedelta(days=days)
    asked = [
        {"from": "2025-01-01", "to": "2026-11-24", "granularity": "month"},
        {"from": "2025-09-15", "to": "2025-11-03"},
    ]
    before = rollup_rows(stores, profile), figures(stores, profile, _NOW, *asked, metrics=_VISITS)
    close(stores, profile, _NOW, keep)
    assert due(stores, profile.profile_id, _NOW, keep) == {"months": 0, "events": 0}
    assert (rollup_rows(stores, profile), figures(stores, profile, _NOW, *asked, metrics=_VISITS)) == before
    assert rollups.verify(stores.database, profile.profile_id) == []
    rollups.rebuild(stores.database, profile.profile_id)
    assert rollup_rows(stores, profile) == before[0]
    _is_shut(stores, profiles.find(stores.database, profile.profile_id))


def _is_shut(stores: Stores, profile: Profile) -> None:
    """The newest closed month takes nothing to its last microsecond, and the next one does."""
    if profile.closed_until is None:
        return
    before, counted = profile.closed_until - timedelta(microseconds=1), raw(stores, profile)
    assert isinstance(refusal(stores, view(profile, before.isoformat()), _NOW), PeriodClosed)
    assert raw(stores, profile) == counted
    assert refusal(stores, view(profile, profile.closed_until.isoformat()), _NOW) is None
    assert raw(stores, profile) == counted + 1
    assert rollups.verify(stores.database, profile.profile_id) == []


@pytest.mark.parametrize("name", ["access_log_sample.log", "apache_access.log"])
def test_real_history_reads_the_same(
    stores: Stores, anna: Profile, real: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if (DATA / name).exists():
        shutil.copy(DATA / name, path)
    else:
        path = real(name)
    account = import_access_log(stores, anna, path)
    assert account.import_id is not None
    first = profiles.first_day
    with stores.database.transaction() as tx:
        begun = first(tx, anna.profile_id)
    assert begun is not None
    last = begun + timedelta(days=40)
    span = {"from": begun.isoformat(), "to": last.isoformat()}
    asked = [
        {**span, "granularity": "day"},
        {**span, "granularity": "week", "compare": "none"},
        {"from": begun.isoformat(), "to": begun.isoformat()},
        {"period": "12m"},
    ]
    later = now() + YEAR + timedelta(days=1)
    before = rollup_rows(stores, anna), figures(stores, anna, later, *asked)
    held = raw(stores, anna)
    assert held == account.places["stored"] + account.places["bot"]
    counts = close(stores, anna, later)
    assert (counts.before["events"], raw(stores, anna)) == (held, 0)
    assert (rollup_rows(stores, anna), figures(stores, anna, later, *asked)) == before
    assert rollups.verify(stores.database, anna.profile_id) == []
    rollups.rebuild(stores.database, anna.profile_id)
    assert rollup_rows(stores, anna) == before[0]

    again = import_access_log(stores, anna, path)
    assert again.places["stored"] == again.places["bot"] == again.places["duplicate"] == 0
    assert again.places["rejected"] >= held
    with pytest.raises(PeriodClosed):
        ledger.undo(stores.database, account.import_id)
    assert ledger.find(stores.database, account.import_id).status == "done"
    assert rollup_rows(stores, anna) == before[0]
