"""Every step of the range, also where clocks change and where the range is not over yet."""

from datetime import datetime, timedelta

import pytest

from models.clock import now
from models.stores import Stores
from services import costs, profiles, scope
from services.ingest import events
from services.ingest.inputs import Cost, Event
from services.metrics import report
from services.profiles import Profile


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 25),  # 24 and a half
        ("Australia/Lord_Howe", "2026-10-04", 24),  # 23 and a half
        ("Asia/Kathmandu", "2026-04-05", 24),
    ],
)
def test_a_day_by_the_hour_holds_all_of_the_day(stores: Stores, zone: str, day: str, hours: int) -> None:
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="P", time_zone=zone, currency="EUR", at=now())
    at = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    asked = scope.parse(profile, {"from": day, "to": day, "granularity": "hour"}, at)
    minutes = int((asked.period.end - asked.period.start) / timedelta(minutes=1))
    times = [asked.period.start + timedelta(minutes=minute) for minute in range(-10, minutes + 10, 10)]
    sent = [Event(profile_id=profile.profile_id, event_type="view", timestamp=time) for time in times]
    events.store(stores, sent, at)
    views = report(stores.database, asked, ["views"])["views"]
    assert len(views.points) == hours
    assert views.total == sum(point or 0 for point in views.points) == minutes / 10
    assert set(views.points[:-1]) == {6}


def test_what_is_dated_in_days_to_come_is_shown_there(stores: Stores, anna: Profile) -> None:
    at = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
    fee = {"category": "tools", "description": "A year of hosting", "amount": "60", "date": "2026-12-01"}
    with stores.database.transaction() as tx:
        costs.add(tx, anna, Cost(profile_id=anna.profile_id, **fee), at)
    asked = scope.parse(anna, {"from": "2026-10-01", "to": "2027-01-31", "granularity": "month"}, at)
    figures = report(stores.database, asked, ["costs", "views"])
    assert figures["costs"].points == (0, 0, 60, None)
    assert figures["costs"].total == 60
    assert figures["views"].points == (0, 0, None, None)
