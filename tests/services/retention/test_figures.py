"""Whatever is reduced: every figure stays the same, and the rollups are the sums of the raw rows."""

from collections.abc import Callable
from typing import Any

from models.clock import now
from models.stores import Stores
from services import rollups, scope
from services.metrics import METRICS, report
from services.metrics.hours import week
from services.metrics.traffic import DIMENSIONS, breakdown
from services.profiles import Profile
from services.retention import TASKS
from services.retention.task import Counts
from tests.services.retention.conftest import stored

ASKED = (
    {"from": "2015-05-18", "to": "2015-05-18", "granularity": "hour", "compare": "none"},
    {"from": "2015-05-01", "to": "2015-05-31", "granularity": "day", "compare": "previous"},
    {"from": "2015-01-01", "to": "2026-12-31", "granularity": "month", "compare": "none"},
    {"from": "2015-05-01", "to": "2015-05-31", "device": "desktop", "compare": "none"},
    {"from": "2015-05-01", "to": "2015-05-31", "referrer": "Google", "compare": "none"},
)


def figures(stores: Stores, profile: Profile) -> dict[tuple[int, str], Any]:
    """Everything that pages, API and exports tell of visits."""
    told: dict[tuple[int, str], Any] = {}
    for number, asked in enumerate(ASKED):
        wanted = scope.parse(profile, asked, AT, filtered=True)
        found = report(stores.database, wanted, METRICS).figures
        told |= {(number, key): (each.total, each.points, each.before) for key, each in found.items()}
        told |= {(number, by): breakdown(stores.database, wanted, by) for by in DIMENSIONS}
        told[number, "week"] = week(stores.database, wanted)
    return told


AT = now()


def test_every_figure_is_the_same_before_and_after(
    stores: Stores, busy: Profile, does: Callable[..., Counts]
) -> None:
    before = figures(stores, busy)
    assert before[1, "views"][0] > 1_000
    for task in TASKS:
        does(task, busy, days=91)
    told = [row for row in stored(stores, busy) if row["ip_address"] or row["reduced_at"] is None]
    assert told == []
    assert figures(stores, busy) == before
    assert rollups.verify(stores.database, busy.profile_id) == []
    rollups.rebuild(stores.database, busy.profile_id)
    assert figures(stores, busy) == before
