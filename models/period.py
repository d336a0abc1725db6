"""Periods of time: half-open instants with the zone that made them, and their buckets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from models.errors import InvalidInput

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Granularity(StrEnum):
    """The width of a bucket."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Comparison(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"
    NONE = "none"


PERIOD_NAMES = ("24h", "7d", "30d", "90d", "12m", "mtd", "qtd", "ytd", "all")
_DAYS = {"7d": 7, "30d": 30, "90d": 90}


@dataclass(frozen=True)
class Bucket:
    """One step of a series. `start` is inclusive and `end` exclusive, both aware UTC; `first` and
    `last` are the local days it touches. `clipped`: the range cuts it; `running`: it is not over yet."""

    start: datetime
    end: datetime
    first: date
    last: date
    clipped: bool = False
    running: bool = False
    future: bool = False


@dataclass(frozen=True)
class Period:
    """The instants from `start` up to and without `end` (aware UTC), made in `zone`.

    `name` is the name it was asked by ("30d"), or "custom".
    """

    start: datetime
    end: datetime
    zone: str
    name: str = "custom"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def first(self) -> date:
        """The first local day."""
        return self.start.astimezone(self.tz).date()

    @property
    def last(self) -> date:
        """The last local day, inclusive."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.tz).date()

    @property
    def first_begun(self) -> date:
        """The first local day that begins in it: what has a day and no time counts at its beginning."""
        first = self.first
        return first if midnight(first, self.zone) >= self.start else first + DAY

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def rolling(self) -> bool:
        """True for the last 24 hours, which do not begin at midnight."""
        return self.name == "24h"

    @classmethod
    def of_days(cls, first: date, last: date, zone: str, name: str = "custom") -> "Period":
        """The local days from `first` to `last`, both inclusive."""
        return cls(midnight(first, zone), midnight(last + DAY, zone), zone, name)

    @classmethod
    def named(cls, name: str, zone: str, now: datetime, earliest: date | None = None) -> "Period":
        """The period called `name` as seen at `now`; "all" begins at `earliest`, the first day with data.

        Raises InvalidInput when there is no such name.
        """
        today = now.astimezone(ZoneInfo(zone)).date()
        if name == "24h":
            local = now.astimezone(ZoneInfo(zone))  # half-hour zones: local hours begin at :30 UTC
            into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            end = now - into + HOUR
            return cls(end - 24 * HOUR, end, zone, name)
        if name in _DAYS:
            first = today - (_DAYS[name] - 1) * DAY
        elif name == "mtd":
            first = today.replace(day=1)
        elif name == "qtd":
            first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        elif name == "ytd":
            first = today.replace(month=1, day=1)
        elif name == "12m":
            first = shift_months(today.replace(day=1), -11)
        elif name == "all":
            first = min(earliest or today, today)
        else:
            raise InvalidInput.at(
                "period", f"There is no period {name!r}; give one of {', '.join(PERIOD_NAMES)}."
            )
        return cls.of_days(first, today, zone, name)

    def compared(self, comparison: Comparison) -> "Period | None":
        """The period to compare with, or None.

        `previous` is the same length right before; for the running month, quarter and year the same
        days of the one before; for 12m the twelve months before.
        """
        if comparison is Comparison.NONE or self.name == "all":
            return None
        if self.rolling:
            back = 24 * HOUR if comparison is Comparison.PREVIOUS else 364 * DAY
            return Period(self.start - back, self.end - back, self.zone, self.name)
        months = {"mtd": 1, "qtd": 3, "ytd": 12, "12m": 12}.get(self.name, 0)
        if comparison is Comparison.YEAR:
            months = 12
        if months:
            first, last = shift_months(self.first, -months), shift_months(self.last, -months)
        else:
            first, last = self.first - self.days * DAY, self.first - DAY
        return Period.of_days(first, last, self.zone)

    def default_granularity(self) -> Granularity:
        """Hours for 24h, days up to a month and a half, weeks up to half a year, then months."""
        if self.rolling:
            return Granularity.HOUR
        if self.days <= 45:
            return Granularity.DAY
        return Granularity.WEEK if self.days <= 184 and self.name != "ytd" else Granularity.MONTH

    def buckets(self, granularity: Granularity, now: datetime) -> tuple[Bucket, ...]:
        """Every bucket of the period in order, also those without data. Weeks are ISO weeks."""
        if granularity is Granularity.HOUR:
            return tuple(self._hours(now))
        return tuple(self._days(granularity, now))

    def _hours(self, now: datetime) -> Iterator[Bucket]:
        start = self.start
        while start < self.end:
            end = min(start + HOUR, self.end)
            first = start.astimezone(self.tz).date()
            yield Bucket(start, end, first, first, running=start <= now < end, future=start > now)
            start = end

    def _days(self, granularity: Granularity, now: datetime) -> Iterator[Bucket]:
        day = self.first
        while day <= self.last:
            whole_first, whole_last = bucket_days(day, granularity)
            first, last = max(whole_first, self.first), min(whole_last, self.last)
            start = midnight(first, self.zone)
            # A running week or month ends after the range, which ends today: it is running, not clipped.
            whole_end = midnight(whole_last + DAY, self.zone)
            running = start <= now < min(whole_end, self.end)
            cut_by_range = whole_last > last and not running
            yield Bucket(
                start,
                midnight(last + DAY, self.zone),
                first,
                last,
                clipped=whole_first < first or cut_by_range,
                running=running,
                future=start > now,
            )
            day = last + DAY


@lru_cache(maxsize=8192)
def midnight(day: date, zone: str) -> datetime:
    """The instant at which `day` begins in `zone`, aware UTC."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def bucket_days(day: date, granularity: Granularity) -> tuple[date, date]:
    """The first and last day of the whole bucket that holds `day`."""
    if granularity is Granularity.WEEK:
        first = day - day.weekday() * DAY
        return first, first + 6 * DAY
    if granularity is Granularity.MONTH:
        first = day.replace(day=1)
        return first, shift_months(first, 1) - DAY
    return day, day


def shift_months(day: date, months: int) -> date:
    """`day` moved by `months`; a day that the month lacks becomes its last (31 March - 1 = 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    next_first = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (next_first - DAY).day))


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of the IANA time zones."""
    # "localtime" is this machine's own zone, which PostgreSQL does not know by that name.
    return frozenset(available_timezones()) - {"localtime"}


def check_zone(name: str, pointer: str = "/timezone") -> str:
    """`name`; InvalidInput at `pointer` when there is no such IANA zone."""
    if name not in zones():
        raise InvalidInput.at(
            pointer, f"There is no time zone {name!r}; give an IANA name such as Europe/Berlin."
        )
    return name
