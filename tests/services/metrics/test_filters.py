"""A filter of visits: what is counted from single events is what the rollups keep by attribute."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.period import Granularity
from models.stores import Stores
from services import scope
from services.ingest import events
from services.ingest.inputs import Event
from services.metrics import report
from services.metrics.hours import week
from services.metrics.traffic import breakdown
from services.profiles import Profile
from services.scope import FILTERS

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
AGENTS = {
    "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "computer": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
KEYS = ("views", "inquiries", "clicks", "conversionRate", "uniqueVisitors", "avgTimeOnProfile", "favorites")
KEPT = ("views", "inquiries", "clicks", "conversionRate")
_visits = st.lists(
    st.tuples(
        st.sampled_from(["view", "view", "inquiry", "click", "favorite"]),
        st.integers(0, 80),
        st.sampled_from(["ig", "google", "Newsletter"]),
        st.sampled_from(["DE", "AT", None]),
        st.sampled_from(["phone", "computer"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=_visits)
def test_events_and_rollups_agree(
    stores: Stores, anna: Profile, visits: list[tuple[str, int, str, str | None, str, int]]
) -> None:
    sent = [
        Event(
            profile_id=anna.profile_id, event_type=kind, timestamp=NOW - timedelta(days=days, minutes=7),
            url=f"/?utm_source={source}", country=country, user_agent=AGENTS[device],
            visitor_id=f"v{visitor}", duration_seconds=5 if kind == "view" else None,
        )
        for kind, days, source, country, device, visitor in visits
    ]  # fmt: skip
    events.store(stores, sent, NOW)
    few = scope.parse(anna, {"period": "90d"}, NOW)
    many = scope.parse(anna, {"from": "2026-08-20", "to": "2026-11-20", "compare": "none"}, NOW)
    assert few.period.days == 90 < many.period.days
    for name, dimension in FILTERS.items():
        found = breakdown(stores.database, few, dimension)
        assert found is not None
        for row in found.rows:
            asked = {"period": "90d", "granularity": "week", name: row.key}
            counted = report(stores.database, scope.parse(anna, asked, NOW, filtered=True), KEYS)
            kept = report(stores.database, replace(many, filter=counted.scope.filter), KEYS)
            for key in KEPT:
                assert counted[key].total == row.values[key] == kept[key].total, (name, row.key, key)
            assert sum(point or 0 for point in counted["views"].points) == row.values["views"]
            assert kept["uniqueVisitors"].total is kept["avgTimeOnProfile"].total is None
            assert set(kept["favorites"].points) == {None}
            hours = week(stores.database, counted.scope)
            assert hours is not None
            assert sum(map(sum, hours.views)) == row.values["views"]
            (own,) = (breakdown(stores.database, kept.scope, dimension) or found).rows
            assert own.values["views"] == row.values["views"]


def test_of_two_attributes_single_events_know_and_rollups_do_not(stores: Stores, anna: Profile) -> None:
    seen = {"profile_id": anna.profile_id, "event_type": "view", "timestamp": NOW - timedelta(hours=1)}
    sent = [Event(**seen, country="DE", url="/?utm_source=ig"), Event(**seen, country="AT", url="/")]
    events.store(stores, sent, NOW)
    asked = scope.parse(anna, {"period": "7d", "referrer": "Instagram"}, NOW, filtered=True)
    countries = breakdown(stores.database, asked, "country")
    assert countries is not None
    assert [row.key for row in countries.rows] == ["DE"]
    long = replace(asked.over("12m"), granularity=Granularity.MONTH)
    assert breakdown(stores.database, long, "country") is None
    assert week(stores.database, long) is None


def test_one_filter_at_a_time(anna: Profile) -> None:
    with pytest.raises(InvalidInput, match="one attribute"):
        scope.parse(anna, {"referrer": "Google", "country": "DE"}, NOW, filtered=True)
    assert scope.parse(anna, {"referrer": "Google"}, NOW).filter is None
