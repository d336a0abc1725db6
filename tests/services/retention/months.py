"""What the tests of closed months ask for again and again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from models.errors import AppError
from models.period import Granularity
from models.schema import (
    engagement_metrics,
    funnel_visitors,
    profile_events,
    profile_performance,
    traffic_breakdown,
    visitor_days,
)
from models.stores import Stores
from services import profiles, scope
from services.ingest import events
from services.ingest.inputs import Event
from services.metrics import METRICS, report
from services.metrics.hours import week
from services.metrics.traffic import DIMENSIONS, breakdown
from services.profiles import Profile
from services.retention.months import close_months
from services.retention.task import Counts

YEAR = timedelta(days=365)
_ROLLUPS = (profile_performance, engagement_metrics, traffic_breakdown, visitor_days, funnel_visitors)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def view(profile: Profile, when: str, **fields: Any) -> Event:
    defaults = {"event_type": "view", "timestamp": when, "visitor_id": "v", "country": "DE"}
    return Event(**{"profile_id": profile.profile_id, **defaults, **fields})


def store(
    stores: Stores, profile: Profile, *whens: str, received: str | None = None, import_id: UUID | None = None
) -> None:
    """A view at each of these times, received then unless told otherwise."""
    for when in whens:
        events.store(stores, [view(profile, when)], at(received or when), import_id)


def close(stores: Stores, profile: Profile, when: str | datetime, keep: timedelta = YEAR) -> Counts:
    moment = at(when) if isinstance(when, str) else when
    return close_months(stores, profile.profile_id, moment, keep, Signal())


def refusal(stores: Stores, event: Event, received: datetime) -> AppError | None:
    """Why the event is not taken; None where it was."""
    try:
        events.store(stores, [event], received)
    except AppError as error:
        return error
    return None


def raw(stores: Stores, profile: Profile) -> int:
    with stores.database.transaction() as tx:
        mine = profile_events.c.profile_id == profile.profile_id
        return int(tx.value(select(func.count()).select_from(profile_events).where(mine)))


def rollup_rows(stores: Stores, profile: Profile) -> dict[str, list[str]]:
    """Every row of every traffic rollup."""
    found = {}
    with stores.database.transaction() as tx:
        for table in _ROLLUPS:
            rows = tx.rows(select(table).where(table.c.profile_id == profile.profile_id))
            found[table.name] = sorted(str(dict(row)) for row in rows)
    return found


def figures(
    stores: Stores,
    profile: Profile,
    now: datetime,
    *asked: dict[str, str],
    metrics: Iterable[str] = tuple(METRICS),
) -> list[Any]:
    """What every metric (or those), every breakdown and the hours of the week say over the periods."""
    fresh = profiles.find(stores.database, profile.profile_id)
    found: list[Any] = []
    for parameters in asked:
        one = scope.parse(fresh, parameters, now, lambda: None, filtered=True)
        told = report(stores.database, one, metrics)
        found += [(key, each.total, each.points, each.before) for key, each in told.figures.items()]
        if one.granularity is not Granularity.HOUR:
            by = [breakdown(stores.database, one, dimension) for dimension in DIMENSIONS]
            found += [each and each.rows for each in by]
        hours = week(stores.database, one)
        found.append(hours and hours.views)
    return found
