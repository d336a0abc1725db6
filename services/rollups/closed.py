"""The closed months of a profile: their events were dropped, and their sums stay as they are for ever.

A month is closed as the days of the zone that the profile had then. Whatever zone it has now, nothing may be
added to those days, nor to those instants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, false, not_, or_, select

from models.database import Transaction
from models.period import HOUR, shift_months
from models.schema import closed_months
from services.rollups.rollup import Where

C = closed_months.c
Choose = Callable[[Any], Where]


@dataclass(frozen=True)
class Part:
    """Some of the rows of a profile: those whose day `days` chooses, and of what is kept by the hour those
    whose hour `hours` does."""

    profile_id: UUID
    days: Choose
    hours: Choose

    def of(self, table: Table) -> Where:
        """Its rows of the table, a rollup or the events."""
        chosen = self.days(table.c.local_date) if "local_date" in table.c else self.hours(table.c.recorded_at)
        return and_(table.c.profile_id == self.profile_id, chosen)


@dataclass(frozen=True)
class Month:
    """A local month of a profile. `first` is its first day; the instants from `starts_at` to `ends_at` are
    its own, in whole hours."""

    first: date
    starts_at: datetime
    ends_at: datetime

    @property
    def end(self) -> date:
        """The day after its last one."""
        return shift_months(self.first, 1)

    def __str__(self) -> str:
        return f"{self.first:%B %Y}"

    def has_day(self, column: Any) -> Where:
        return and_(column >= self.first, column < self.end)

    def has_hour(self, column: Any) -> Where:
        """Whether the hour that begins then lies wholly in the month."""
        return and_(column >= self.starts_at, column <= self.ends_at - HOUR)

    def part(self, profile_id: UUID) -> Part:
        """The rows of this month."""
        return Part(profile_id, self.has_day, self.has_hour)


@dataclass(frozen=True)
class ClosedMonth(Month):
    """`checksums` are those of its rows by the name of the rollup (see services.rollups.checksum); `imports`
    are those that had events in it."""

    closed_at: datetime
    events: int
    checksums: Mapping[str, str]
    imports: tuple[UUID, ...]


@dataclass(frozen=True)
class Closed:
    """All of a profile's, the oldest first."""

    months: tuple[ClosedMonth, ...] = ()

    @cached_property
    def _by_first(self) -> Mapping[date, ClosedMonth]:
        return {month.first: month for month in self.months}

    @cached_property
    def _runs(self) -> list[tuple["ClosedMonth", "ClosedMonth"]]:
        """The first and the last one of those that follow each other."""
        runs: list[tuple[ClosedMonth, ClosedMonth]] = []
        for month in self.months:
            if runs and runs[-1][1].end == month.first:
                runs[-1] = (runs[-1][0], month)
            else:
                runs.append((month, month))
        return runs

    def starting(self, first: date) -> ClosedMonth | None:
        """The month with this first day, if it is closed."""
        return self._by_first.get(first)

    def holding(self, day: date, at: datetime) -> ClosedMonth | None:
        """The month that the day or the instant lies in; None for an event that may yet be counted. `day` is
        that of `at` in any zone."""
        if not self.months:
            return None
        first = day.replace(day=1)
        if own := self.starting(first):
            return own
        near = (self.starting(shift_months(first, step)) for step in (-1, 1))
        return next((month for month in near if month and month.starts_at <= at < month.ends_at), None)

    def has_day(self, column: Any) -> Where:
        """Whether the day lies in one of the months."""
        runs = (and_(column >= first.first, column < last.end) for first, last in self._runs)
        return or_(false(), *runs)

    def has_hour(self, column: Any) -> Where:
        """Whether the hour that begins then lies in them."""
        runs = (and_(column >= first.starts_at, column <= last.ends_at - HOUR) for first, last in self._runs)
        return or_(false(), *runs)

    def open_part(self, profile_id: UUID) -> Part:
        """The rows of all other months."""
        return Part(
            profile_id,
            lambda column: not_(self.has_day(column)),
            lambda column: not_(self.has_hour(column)),
        )


def closed(tx: Transaction, profile_id: UUID) -> Closed:
    """The closed months of the profile."""
    rows = tx.rows(select(closed_months).where(C.profile_id == profile_id).order_by(C.month))
    return Closed(
        tuple(
            ClosedMonth(
                row["month"],
                row["starts_at"],
                row["ends_at"],
                row["closed_at"],
                row["events"],
                row["checksums"],
                tuple(row["imports"]),
            )
            for row in rows
        )
    )


def reason(month: Month) -> str:
    """Why nothing can be added to it."""
    return f"{month} is closed: its events were dropped after their time and are kept as sums alone."
