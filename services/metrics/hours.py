"""Hours of the week: when people look at the profile."""

from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, select

from models.database import Database
from models.schema import engagement_metrics
from services.scope import Scope

M = engagement_metrics.c


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


def week(database: Database, scope: Scope) -> Week:
    """The views of the period, gathered by hour of the week in the profile's time zone."""
    local = func.timezone(scope.profile.time_zone, M.recorded_at)
    day = cast(func.extract("isodow", local), Integer)
    hour = cast(func.extract("hour", local), Integer)
    statement = (
        select(day.label("day"), hour.label("hour"), func.sum(M.value).label("views"))
        .where(
            M.profile_id == scope.profile.profile_id,
            M.metric_type == "views",
            M.recorded_at >= scope.period.start,
            M.recorded_at < scope.period.end,
        )
        .group_by(day, hour)
    )
    counted = [[0] * 24 for _ in range(7)]
    with database.transaction() as tx:
        for row in tx.rows(statement):
            counted[row["day"] - 1][row["hour"]] += int(row["views"])
    return Week(scope, tuple(map(tuple, counted)))
