"""When things happen, how often, and what they cost: the curves behind the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import exp, pi, sin, sqrt
from random import Random
from zoneinfo import ZoneInfo

from services.demo.personas import Persona

CAMPAIGN_DAYS = range(66, 76)
"""Days ago that the advertised campaign ran, and its echo."""
HOLIDAY_DAYS = range(136, 148)
"""Days ago that the provider was away."""

_WEEKDAYS = (0.88, 0.92, 0.97, 1.02, 1.15, 1.1, 0.96)
_HOURS = (34, 20, 11, 6, 4, 5, 10, 19, 27, 33, 37, 42, 50, 47, 43, 44, 49, 56, 66, 78, 92, 98, 84, 58)
# Later mornings and longer nights.
_WEEKEND = (58, 42, 26, 13, 6, 4, 6, 11, 21, 34, 46, 52, 55, 54, 52, 52, 54, 58, 65, 74, 86, 92, 84, 70)
_FEBRUARY, _DECEMBER = 2, 12
# What one euro is about; used to make round prices, never to convert what is stored.
_ABOUT = {"EUR": 1.0, "USD": 1.1, "GBP": 0.86, "CHF": 0.94, "CAD": 1.5, "JPY": 160.0}


@dataclass(frozen=True)
class Stay:
    """The days that a persona's data covers: from `first` to `today`, in her zone, up to `now`."""

    persona: Persona
    now: datetime
    most_days: int

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.persona.time_zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.tz).date()

    @property
    def first(self) -> date:
        return self.today - timedelta(days=min(self.most_days, self.persona.days) - 1)

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.today:
            yield day
            day += timedelta(days=1)

    def ago(self, day: date) -> int:
        return (self.today - day).days

    def progress(self, day: date) -> float:
        """0 on the persona's first day, 1 today, however few of the days are made."""
        return 1 - self.ago(day) / self.persona.days

    def away(self, day: date) -> bool:
        return self.ago(day) in HOLIDAY_DAYS or (day.month == _DECEMBER and day.day in {24, 25, 26})

    def views(self, day: date) -> float:
        """How many views are to be expected on a day."""
        start, end = self.persona.views
        grown = start + (end - start) * self.progress(day)
        yearly = 1 + 0.08 * sin(2 * pi * (day.timetuple().tm_yday + 75) / 365)
        quiet = 0.55 if self.away(day) else 1.0
        return grown * yearly * _WEEKDAYS[day.weekday()] * quiet * (1 + self.campaign(day))

    def campaign(self, day: date) -> float:
        """What the campaign adds to a day's views, as a part of them."""
        ago = self.ago(day)
        return 0.95 * exp((ago - CAMPAIGN_DAYS[-1]) / 4) if ago in CAMPAIGN_DAYS else 0.0

    def at(self, chance: Random, day: date, earliest: int = 0) -> datetime:
        """An instant of the day by the hours' curve, not before the hour `earliest`."""
        (hour,) = chance.choices(range(earliest, 24), _curve(day)[earliest:])
        clock = time(hour, chance.randrange(60), chance.randrange(60), chance.randrange(1000) * 1000)
        return datetime.combine(day, clock, self.tz).astimezone(UTC)

    def views_a_second(self, at: datetime) -> float:
        """How many views are to be expected in a second of this hour."""
        local = at.astimezone(self.tz)
        curve = _curve(local.date())
        return self.views(local.date()) * curve[local.hour] / sum(curve) / 3600


def _curve(day: date) -> tuple[int, ...]:
    return _WEEKEND if day.weekday() >= 5 else _HOURS


def generosity(day: date) -> float:
    """How much more is given in December and around Saint Valentine's."""
    if day.month == _DECEMBER:
        return 1.45 if day.day < 27 else 1.1
    return 1.35 if day.month == _FEBRUARY and day.day < 16 else 1.0


def chances(*parts: str) -> Random:
    """Random numbers that are the same for the same `parts`."""
    return Random("\x1f".join(parts))  # noqa: S311  # nothing here is a secret


def number(chance: Random, mean: float) -> int:
    """How often something happens that is to be expected `mean` times."""
    if mean > 25:
        return max(0, round(chance.gauss(mean, sqrt(mean))))
    limit, product, times = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        times += 1
    return times


def price(euros: float, currency: str) -> Decimal:
    """A price of about so many euros, as a list would have it in `currency`."""
    value = Decimal(str(euros * _ABOUT[currency]))
    if currency == "JPY":
        return max(Decimal(1), (value / 100).quantize(Decimal(1), ROUND_HALF_UP)) * 100
    if value < 100:
        return max(Decimal(2), value.quantize(Decimal(1), ROUND_HALF_UP)) - Decimal("0.10")
    return (value / 5).quantize(Decimal(1), ROUND_HALF_UP) * 5


def round_sum(euros: float, currency: str) -> Decimal:
    """What somebody who may choose gives instead of about so many euros."""
    step = 500 if currency == "JPY" else 5
    return max(1, round(euros * _ABOUT[currency] / step)) * Decimal(step)


def exact(euros: float, currency: str) -> Decimal:
    """An amount of about so many euros, to the minor unit of `currency`."""
    places = Decimal(1) if currency == "JPY" else Decimal("0.01")
    return Decimal(str(euros * _ABOUT[currency])).quantize(places)


def about_euros(amount: Decimal, currency: str) -> float:
    """Roughly what an amount is in euros."""
    return float(amount) / _ABOUT[currency]
