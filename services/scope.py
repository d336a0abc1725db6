"""The scope of a question: which profile, which time, in what steps, compared with what.

Parsed by one function from a plain mapping, so that a page's URL and an API's query string mean the
same. Names: `period` or `from` + `to`, `granularity`, `compare`, `timezone`, `currency`; where visits are
asked for, one of FILTERS as well.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from models.errors import InvalidInput
from models.period import Bucket, Comparison, Granularity, Period
from services.profiles import Profile

DEFAULT_PERIOD = "30d"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)
MOST_POINTS = 4_000
FILTERS = {"referrer": "source", "country": "country", "device": "device"}
"""The names that filter visits, and the attribute that each is about (see services.metrics.traffic)."""
LONGEST_VALUE = 500
LONGEST_FILTERED = 90
"""Days over which single events are looked at for what no rollup keeps by attribute."""

_E = TypeVar("_E", Granularity, Comparison)


@dataclass(frozen=True)
class Filter:
    """Only the visits whose attribute `dimension` has this `value`; `name` is what it is asked by."""

    name: str
    value: str

    @property
    def dimension(self) -> str:
        return FILTERS[self.name]


@dataclass(frozen=True)
class Scope:
    """What a metric is asked for; `now` is the instant of the question (aware UTC). A `filter` goes for
    visits alone."""

    profile: Profile
    period: Period
    granularity: Granularity
    comparison: Comparison
    now: datetime
    filter: Filter | None = None

    @property
    def currency(self) -> str:
        return self.profile.currency

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """Every step of the period, in order."""
        return self.period.buckets(self.granularity, self.now)

    def over(self, name: str) -> "Scope":
        """The same question over the period called `name` (see models.period.PERIOD_NAMES), in its usual
        steps."""
        period = Period.named(name, self.profile.time_zone, self.now)
        return replace(self, period=period, granularity=period.default_granularity())

    @property
    def today(self) -> "Scope":
        """The same question about today, by the hour, compared with yesterday."""
        day = self.profile.local_date(self.now)
        period = Period.of_days(day, day, self.profile.time_zone)
        return replace(self, period=period, granularity=Granularity.HOUR, comparison=Comparison.PREVIOUS)

    def before(self) -> "Scope | None":
        """The scope to compare with, in the same steps, or None."""
        period = self.period.compared(self.comparison)
        return replace(self, period=period, comparison=Comparison.NONE) if period else None


def parse(
    profile: Profile,
    parameters: Mapping[str, str],
    now: datetime,
    earliest: Callable[[], date | None] = lambda: None,
    *,
    filtered: bool = False,
) -> Scope:
    """The scope that `parameters` ask for; empty values count as absent.

    `earliest` tells the first local day with data; it is called for `period=all` alone. `filtered`: one
    of FILTERS may be among them. Raises InvalidInput that names the parameter.
    """
    given = {name: value.strip() for name, value in parameters.items() if value and value.strip()}
    _expect(given, "timezone", profile.time_zone, "days are kept in")
    _expect(given, "currency", profile.currency, "amounts are reported in")
    period = _period(given, profile, now, earliest)
    granularity = _choice(given, "granularity", Granularity, period.default_granularity())
    _check_steps(period, granularity)
    comparison = _choice(given, "compare", Comparison, Comparison.PREVIOUS)
    return Scope(profile, period, granularity, comparison, now, _filter(given) if filtered else None)


def _expect(given: Mapping[str, str], name: str, own: str, what: str) -> None:
    if name in given and given[name] != own:
        raise InvalidInput.at(
            name, f"This profile's {what} {own}; ask without {name}, or with {name}={own}.", "scope-mismatch"
        )


def _period(
    given: Mapping[str, str], profile: Profile, now: datetime, earliest: Callable[[], date | None]
) -> Period:
    if "from" not in given and "to" not in given:
        name = given.get("period", DEFAULT_PERIOD)
        return Period.named(name, profile.time_zone, now, earliest() if name == "all" else None)
    if "period" in given:
        raise InvalidInput.at("period", "Give either period, or from and to.")
    if "from" not in given:
        raise InvalidInput.at("from", "Give from as well: the first day of the range, such as 2026-03-01.")
    first = _day(given, "from")
    last = _day(given, "to") if "to" in given else now.astimezone(profile.tz).date()
    if last < first:
        raise InvalidInput.at("to", f"The range ends ({last}) before it begins ({first}).")
    return Period.of_days(first, last, profile.time_zone)


def _day(given: Mapping[str, str], name: str) -> date:
    text = given[name]
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput.at(name, f"{text[:40]!r} is not a date; write it like 2026-03-31.")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInput.at(name, f"{day} is out of range: dates run from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _choice(given: Mapping[str, str], name: str, kind: type[_E], default: _E) -> _E:
    if name not in given:
        return default
    try:
        return kind(given[name])
    except ValueError:
        choices = ", ".join(kind)
        raise InvalidInput.at(
            name, f"There is no {name} {given[name][:40]!r}; give one of {choices}."
        ) from None


def _filter(given: Mapping[str, str]) -> Filter | None:
    asked = [Filter(name, given[name]) for name in FILTERS if name in given]
    if len(asked) > 1:
        raise InvalidInput.at(
            asked[1].name, f"Visits are filtered by one attribute; leave out {asked[1].name}."
        )
    if asked and (len(asked[0].value) > LONGEST_VALUE or "\x00" in asked[0].value):
        raise InvalidInput.at(asked[0].name, f"There is no such {asked[0].name}.")
    return asked[0] if asked else None


def _check_steps(period: Period, granularity: Granularity) -> None:
    if period.rolling and granularity is not Granularity.HOUR:
        raise InvalidInput.at(
            "granularity", "The last 24 hours are shown by the hour; leave granularity out."
        )
    if granularity is Granularity.HOUR and period.end - period.start > timedelta(hours=25):
        raise InvalidInput.at(
            "granularity", "Hours are kept for one day at a time; ask for a day or for 24h."
        )
    if granularity is Granularity.DAY and period.days > MOST_POINTS:
        raise InvalidInput.at(
            "granularity", f"{period.days:,} days are too many to list one by one; ask for weeks or months."
        )
