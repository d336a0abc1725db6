"""Hours of the week: when people look at the profile."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select

from models.database import Database
from models.schema import engagement_metrics, profile_events
from services.metrics.traffic import counts_events, events_of
from services.rollups.traffic import VIEWS
from services.scope import Scope

M, E = engagement_metrics.c, profile_events.c


@dataclass(frozen=True)
class Week:
    """Views by local weekday (Monday first) and hour (0-23): 7 rows of 24. They sum to `views`."""

    scope: Scope
    views: tuple[tuple[int, ...], ...]

    @property
    def most(self) -> int:
        """The views of the busiest hour."""
        return max(max(day) for day in self.views)

    @property
    def busiest(self) -> tuple[int, int] | None:
        """Weekday (0 is Monday) and hour with most views; None without any."""
        if not self.most:
            return None
        return max(
            ((day, hour) for day in range(7) for hour in range(24)),
            key=lambda place: (self.views[place[0]][place[1]], -place[0], -place[1]),
        )


def week(database: Database, scope: Scope) -> Week | None:
    """The views of the period, gathered by hour of the week in the profile's time zone; None where they
    are not known by the scope's filter."""
    if scope.filter and not counts_events(scope):
        return None
    at: Any = E.timestamp if scope.filter else M.recorded_at
    local = func.timezone(scope.profile.time_zone, at)
    day = cast(func.extract("isodow", local), Integer)
    hour = cast(func.extract("hour", local), Integer)
    inside = (at >= scope.period.start) & (at < scope.period.end)
    if scope.filter:
        views: Any = func.count()
        these = [VIEWS, *events_of(scope)]
    else:
        views = func.sum(M.value)
        these = [M.profile_id == scope.profile.profile_id, M.metric_type == "views"]
    statement = (
        select(day.label("day"), hour.label("hour"), views.label("views"))
        .where(inside, *these)
        .group_by(day, hour)
    )
    counted = [[0] * 24 for _ in range(7)]
    with database.transaction() as tx:
        for row in tx.rows(statement):
            counted[row["day"] - 1][row["hour"]] += int(row["views"])
    return Week(scope, tuple(map(tuple, counted)))
