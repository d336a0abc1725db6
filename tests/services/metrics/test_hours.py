"""Hours of the week: in the profile's own time, and all views are in one of them."""

from datetime import datetime

import pytest

from models.stores import Stores
from services import scope
from services.ingest import events
from services.ingest.inputs import Event
from services.metrics import report
from services.metrics.hours import week
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+00:00")


def store(stores: Stores, profile: Profile, *times: str, **more: object) -> None:
    events.store(
        stores,
        [Event(profile_id=profile.profile_id, event_type="view", timestamp=time, **more) for time in times],
        NOW,
    )


@pytest.mark.parametrize("period", ["7d", "30d", "12m"])
def test_hours_are_local_also_half_an_hour_off(stores: Stores, priya: Profile, period: str) -> None:
    # Thursday 23:45 and Friday 00:15 in India, and the hour after that.
    store(stores, priya, "2026-11-19T18:15:00Z", "2026-11-19T18:45:00Z", "2026-11-19T19:29:59Z")
    store(stores, priya, "2026-11-19T19:30:00Z", user_agent="Googlebot/2.1")
    asked = scope.parse(priya, {"period": period}, NOW)
    found = week(stores.database, asked)
    assert (found.views[3][23], found.views[4][0], found.views[4][1]) == (1, 2, 0)
    assert found.busiest == (4, 0)
    assert sum(map(sum, found.views)) == report(stores.database, asked, ["views"])["views"].total


def test_the_last_24_hours_begin_with_their_hour(stores: Stores, anna: Profile) -> None:
    store(stores, anna, "2026-11-19T12:59:00Z", "2026-11-19T13:00:00Z", "2026-11-20T11:10:00Z")
    asked = scope.parse(anna, {"period": "24h"}, NOW)
    found = week(stores.database, asked)
    assert sum(map(sum, found.views)) == report(stores.database, asked, ["views"])["views"].total == 2


def test_no_views_have_no_busiest_hour(stores: Stores, anna: Profile) -> None:
    assert week(stores.database, scope.parse(anna, {}, NOW)).busiest is None
