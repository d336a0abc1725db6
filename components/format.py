"""Figures and dates as the reader writes them: words in English, numbers by the browser's language."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import (
    NumberFormatError,
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    parse_decimal,
)

from models.money import minor_units
from models.period import Bucket, Granularity
from services.metrics.metric import Unit, Value

NO_DATA = "–"
MINUS = "−"
_DIGITS = re.compile(r"-?\d[\d.,'’\s]*")
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
# One or two digits behind a comma or a point are decimals, whatever is usual: groups have three.
_DECIMALS = re.compile(r"(-?\d{1,3}(?:[.,'’\s]\d{3})*|-?\d+)[.,](\d{1,2})")
_CODE_THEN_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_UNGROUPED = re.compile(r"\d{4,}")
WHOLE_FROM = 1_000
"""Headline amounts of this size and more are shown without cents; the exact one is in the tooltip."""


@dataclass(frozen=True)
class Format:
    """Writes values for one reader."""

    numbers: Locale
    words: Locale

    @classmethod
    def of(cls, accept_language: str | None) -> "Format":
        """The format for an Accept-Language header; plain English when it names nothing known."""
        return _of_header(accept_language or "")

    @property
    def tags(self) -> dict[str, str]:
        """The same for the browser, which writes what comes after the page: language tags by `numbers`
        and `words`."""
        return {"numbers": _tag(self.numbers), "words": _tag(self.words)}

    def value(self, value: Value, unit: Unit, currency: str | None = None) -> str:
        """`value` in full: money with its minor units, a ratio as a percentage, seconds as a duration."""
        if value is None:
            return NO_DATA
        if unit is Unit.MONEY:
            return self.money(Decimal(value), currency or "")
        if unit is Unit.RATIO:
            return self.percent(Decimal(value))
        if unit is Unit.SECONDS:
            return self.duration(Decimal(value))
        return self.count(value)

    def headline(self, value: Value, unit: Unit, currency: str | None = None) -> str:
        """`value` for the one number of a card: large amounts, and zero, without cents."""
        if unit is Unit.MONEY and value is not None and (not value or abs(Decimal(value)) >= WHOLE_FROM):
            return self.money(Decimal(value), currency or "", decimals=0)
        return self.value(value, unit, currency)

    def count(self, value: int | Decimal) -> str:
        """A number with at most one decimal."""
        return _sign(format_decimal(value, format="#,##0.#", locale=self.numbers))

    def money(self, amount: Decimal, currency: str, decimals: int | None = None) -> str:
        """An amount with its currency, in the currency's minor units unless `decimals` is given."""
        places = minor_units(currency) if decimals is None else decimals
        rounded = amount.quantize(Decimal(1).scaleb(-places)) + 0  # + 0: no minus before a zero
        pattern = _money_pattern(self.numbers, places)
        text = format_currency(rounded, currency, format=pattern, locale=self.numbers, currency_digits=False)
        return _sign(_CODE_THEN_DIGIT.sub("\xa0", text))

    def amount(self, amount: Decimal, currency: str) -> str:
        """An amount without its currency, for columns that name it once."""
        places = "0" * minor_units(currency)
        return _sign(
            format_decimal(amount + 0, format=f"#,##0.{places}" if places else "#,##0", locale=self.numbers)
        )

    def rate(self, rate: Decimal) -> str:
        """An exchange rate, with up to six decimals."""
        return _sign(format_decimal(rate, format="#,##0.00####", locale=self.numbers))

    def percent(self, ratio: Decimal, places: int = 1, exact: bool = True) -> str:
        """A ratio (0-1) as a percentage with `places` decimals, or at most so many when not `exact`."""
        shown = round(ratio * 100, places) / 100
        decimals = ("0" if exact and ratio else "#") * places
        pattern = self.numbers.percent_formats[None].pattern.replace("#,##0", f"#,##0.{decimals}")
        return _sign(format_percent(shown + 0, format=pattern, locale=self.numbers))

    def points(self, points: Decimal) -> str:
        """Percentage points, with one decimal."""
        return _sign(format_decimal(points, format="0.0", locale=self.numbers))

    def change(self, change: Decimal) -> str:
        """A relative change with its sign ("+12 %"), whole percents from ten on."""
        text = self.percent(*_shown(change), exact=False)
        return f"+{text}" if change > 0 else text

    def extent(self, change: Decimal) -> str:
        """A relative change without its sign, for a sentence that says whether it is up or down."""
        shown, places = _shown(change)
        return self.percent(abs(shown), places, exact=False)

    def duration(self, seconds: Decimal) -> str:
        """Seconds as "1 min 24 s"."""
        whole = round(seconds)
        if whole < 60:
            return f"{whole} s"
        minutes, rest = divmod(whole, 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "h"), (minutes, "min"), (0 if hours else rest, "s"))
        return " ".join(f"{amount} {name}" for amount, name in parts if amount)

    def compact(self, value: Decimal, unit: Unit, currency: str | None = None) -> str:
        """A short form for axes, where the exact value stands in the tooltip."""
        if unit is Unit.RATIO:
            return self.percent(value)
        if unit is Unit.SECONDS:
            return self.duration(value)
        digits = 0 if value == value.to_integral_value() and abs(value) < WHOLE_FROM else 1
        if unit is Unit.MONEY:
            text = format_compact_currency(value, currency or "", locale=self.numbers, fraction_digits=digits)
            text = _CODE_THEN_DIGIT.sub("\xa0", text)
        else:
            text = format_compact_decimal(value, locale=self.numbers, fraction_digits=digits)
        if _UNGROUPED.search(text):  # some languages have no short form for thousands
            text = self.money(value, currency or "", 0) if unit is Unit.MONEY else self.count(value)
        return _sign(text)

    def read(self, text: str) -> Decimal | None:
        """The number that the reader wrote, by the locale's separators or, where it can mean nothing else, by
        others; else None."""
        plain = text.strip().replace(MINUS, "-")
        if not _DIGITS.fullmatch(plain):
            return None
        try:
            return parse_decimal(plain, locale=self.numbers, strict=True)
        except NumberFormatError:
            if found := _DECIMALS.fullmatch(plain):
                plain = f"{re.sub(r'[^-0-9]', '', found[1])}.{found[2]}"
            return Decimal(plain) if _PLAIN.fullmatch(plain) else None

    def day(self, day: date) -> str:
        """A date such as "24 Nov 2026"."""
        return format_date(day, "medium", locale=self.words)

    def day_month(self, day: date) -> str:
        """A date of a year that is clear, such as "24 Nov"."""
        return format_skeleton("MMMd", day, locale=self.words)

    def month(self, day: date, year: bool = True) -> str:
        """A month such as "Nov 2026"."""
        return format_skeleton("yMMM" if year else "MMM", day, locale=self.words)

    def weekday(self, day: date, width: str = "EEE") -> str:
        """The name of a weekday: "Tue", or in full with the width "EEEE"."""
        return format_date(day, width, locale=self.words)

    def clock(self, hour: int) -> str:
        """A full hour of the day such as "14:00" or "2 PM"."""
        halves = "a" in self.words.time_formats["short"].pattern
        return format_time(time(hour), "h a" if halves else "HH:mm", locale=self.words)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """An instant in a zone such as "24 Nov 2026, 14:03"."""
        local = at.astimezone(zone)
        return f"{self.day(local.date())}, {format_time(local, 'short', tzinfo=zone, locale=self.words)}"

    def days(self, first: date, last: date) -> str:
        """A span of days such as "26 Oct – 24 Nov 2026"."""
        if first == last:
            return self.day(first)
        left = self.day_month(first) if first.year == last.year else self.day(first)
        return f"{left} – {self.day(last)}"

    def bucket(self, bucket: Bucket, granularity: Granularity, zone: ZoneInfo) -> str:
        """The full name of a step, unique within a series: "Tue 24 Nov 2026, so far"."""
        if granularity is Granularity.HOUR:
            start = bucket.start.astimezone(zone)
            # The zone's offset tells apart the two hours of one name when clocks go back.
            offset = "" if start.fold == 0 else " (again)"
            name = f"{format_skeleton('MMMEd', start, locale=self.words)}, {self.hour(bucket, zone)}{offset}"
        elif granularity is Granularity.DAY:
            name = format_skeleton("yMMMEd", bucket.first, locale=self.words)
        elif granularity is Granularity.WEEK:
            name = f"Week of {self.days(bucket.first, bucket.last)}"
        else:
            name = self.month(bucket.first)
        if bucket.running:
            return f"{name}, so far"
        return f"{name}, part" if bucket.clipped and granularity is not Granularity.DAY else name

    def tick(self, bucket: Bucket, granularity: Granularity, zone: ZoneInfo, year: bool = False) -> str:
        """The short name of a step, for axes and column heads."""
        if granularity is Granularity.HOUR:
            return self.hour(bucket, zone)
        if granularity is Granularity.MONTH:
            return self.month(bucket.first, year)
        return self.day(bucket.first) if year else self.day_month(bucket.first)

    def hour(self, bucket: Bucket, zone: ZoneInfo) -> str:
        """The local time at which an hour begins."""
        return format_time(bucket.start.astimezone(zone), "short", tzinfo=zone, locale=self.words)


@lru_cache(maxsize=256)
def _of_header(header: str) -> Format:
    numbers = Locale("en", "US")
    for part in header.split(","):
        try:
            numbers = Locale.parse(part.split(";")[0].strip(), sep="-")
            break
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    words = numbers if numbers.language == "en" else Locale("en", "GB")
    return Format(numbers, words)


def _shown(change: Decimal) -> tuple[Decimal, int]:
    """A relative change as it may be rounded, and to how many decimals of a percent."""
    if change > -1 and round(change, 2) == -1:
        # Something is left, and be it less than a decimal can tell.
        return max(change, Decimal("-0.999")), 1
    return change, 0 if abs(change) >= Decimal("0.1") else 1


@lru_cache(maxsize=256)
def _money_pattern(locale: Locale, places: int) -> str:
    """The locale's pattern for money, with `places` decimals."""
    pattern = cast(str, locale.currency_formats["standard"].pattern)
    return pattern.replace("0.00", f"0.{'0' * places}" if places else "0")


def _tag(locale: Locale) -> str:
    return str(locale).replace("_", "-")


def _sign(text: str) -> str:
    return text.replace("-", MINUS)
