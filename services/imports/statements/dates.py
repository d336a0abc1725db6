"""Dates and times as statements write them, whatever the country: 31.01.24, Jan 31, 2024, 2024年1月31日."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.imports.statements.vocabulary import months, plain

_LONGEST_STATEMENT = 1_100
ORDERS = ("dmy", "mdy", "ymd")
_NUMERIC = re.compile(
    r"(?:[^\W\d]{2,}\.?,?\s+)?(\d{1,4})\s?([-./]|年|년)\s?(\d{1,2})\s?([-./]|月|월)\s?(\d{1,4})(?:\.(?=\s|$)|日|일)?"
    r"(?:\s*\(\w{1,3}\))?(?:[T, ]+|\s-\s)?(.*)",
    re.DOTALL,
)
_COMPACT = re.compile(r"((?:19|20|25)\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?)?()")
_ERA = re.compile(
    r"(令和|平成|昭和|[RHS])\s?(\d{1,2}|元)\s?[./年-]\s?(\d{1,2})\s?[./月-]\s?(\d{1,2})日?\s*(.*)"
)
_ERA_START = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_NAMED = re.compile(r"(?=.{5,60}$)[^:]*?[^\W\d]{3,}.*", re.DOTALL)
_CLOCK = re.compile(
    r"(\d{1,2})\s?[:.h時时시]\s?(\d{2})(?:\s?[:.m分분]\s?(\d{2})(?:[.,](\d{1,9}))?)?\s*秒?초?분?"
    r"\s*([ap]\.?\s?m\.?\b|午前|午後|上午|下午|오전|오후)?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_HALF_BEFORE = re.compile(r"(午前|午後|上午|下午|오전|오후|[AP]M)\s*(.*)", re.DOTALL)
_AFTERNOON = ("p", "午後", "下午", "오후")
_OFFSET = re.compile(r"\(?(?:UTC|GMT|Z)?\s*([+-])(\d{1,2}):?(\d{2})?\)?")
_SEPARATED = re.compile(r"\d+|[^\W\d]+")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_SERIAL_ZERO = date(1899, 12, 30)
_ABBREVIATED = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "mez": 60,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "gst": 240, "sgt": 480, "hkt": 480,
    "awst": 480, "jst": 540, "kst": 540, "acst": 570, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "akdt": -480, "hst": -600, "brt": -180, "art": -180,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """A day as written, the time of day when given, and the zone when given."""

    day: date
    clock: time | None = None
    zone: tzinfo | None = None

    @property
    def at(self) -> datetime | None:
        """The moment, aware when the file names a zone and else naive; None without a time of day."""
        return None if self.clock is None else datetime.combine(self.day, self.clock, self.zone)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The three numbers of a numeric date in the order written, the separator, and what follows them."""

    first: str
    second: str
    third: str
    separator: str
    rest: str


@lru_cache(maxsize=2_000)
def zone(text: str) -> tzinfo | None:
    """The zone of 'PDT', 'UTC', '+02:00', 'GMT+2' or 'Europe/Berlin'; None when it is not one."""
    bare = text.strip().strip("()")
    known = _ABBREVIATED.get(bare.lower())
    if known is not None:
        return UTC if known == 0 else timezone(timedelta(minutes=known))
    found = _OFFSET.fullmatch(bare)
    if found and int(found[2]) < 15:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z_/]+", bare):
        try:
            return ZoneInfo(bare)
        except (KeyError, ValueError, OSError):
            return None
    return None


@lru_cache(maxsize=20_000)
def clock(text: str) -> tuple[time, tzinfo | None] | None:
    """A time of day and its zone if named; None when `text` is not one."""
    cleaned = unicodedata.normalize("NFKC", text).strip().strip("[]()").replace("\u202f", " ")
    before = _HALF_BEFORE.fullmatch(cleaned)
    if before:
        cleaned = f"{before[2]} {before[1]}"
    found = _CLOCK.fullmatch(cleaned)
    if not found:
        return None
    hour, minute, second, fraction, half, tail = found.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower().startswith(_AFTERNOON) else 0)
    named = zone(tail) if tail.strip() else None
    if tail.strip() and named is None and not re.fullmatch(r"(?i)h|hrs?|uhr|ч|[^\W\d]{2,5}", tail.strip()):
        return None
    try:
        micro = int((fraction or "").ljust(6, "0")[:6] or 0)
        return time(hours, int(minute), int(second or 0), micro), named
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def numbers(text: str) -> Numbers | None:
    """The parts of a date written in numbers only whose order has to be known; None otherwise."""
    cleaned = _cleaned(text)
    found = _NUMERIC.fullmatch(cleaned)
    if not found:
        return None
    first, separator, second, separator2, third, rest = found.groups()
    if separator in "-./" and separator != separator2:
        return None
    if 3 in (len(first), len(third)):
        return None
    if len(first) > 2 and len(third) > 2:
        return None
    if rest and clock(rest) is None:
        return None
    return Numbers(first, second, third, separator, rest)


def _cleaned(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(dict.fromkeys((0x200E, 0x200F, 0xFEFF)))
    return text.strip().strip("'\"=[]").strip()


def possible_orders(parts: Numbers) -> frozenset[str]:
    """The orders under which the numbers are a date."""
    return frozenset(order for order in ORDERS if _ordered(parts, order) is not None)


def _ordered(parts: Numbers, order: str) -> date | None:
    a, b, c = parts.first, parts.second, parts.third
    if len(a) == 4:
        order = "ymd"
    elif len(c) == 4 and order == "ymd":
        return None
    year, month, day = {"ymd": (a, b, c), "dmy": (c, b, a), "mdy": (c, a, b)}[order]
    return _day(year, int(month), int(day))


def _day(year: str, month: int, day: int) -> date | None:
    number = int(year)
    if len(year) <= 2:
        number += 2000 if number < 70 else 1900
    if number > 2400:  # the Buddhist era of Thailand
        number -= 543
    if not 1900 <= number <= 2200:
        return None
    try:
        return date(number, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=50_000)
def parse(text: str, order: str = "dmy", serials: bool = False) -> Moment | None:
    """The moment that `text` gives; `order` decides numeric dates, `serials` lets bare numbers be days
    counted by a spreadsheet or seconds since 1970. None when it is no date."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return Moment(date.fromisoformat(text))
        except ValueError:
            pass
    if len(text) < 5 or len(text) > 70 or not any(c.isdigit() for c in text):
        return None
    parts = numbers(text)
    if parts is not None:
        day = _ordered(parts, order)
        return None if day is None else _moment(day, parts.rest)
    cleaned = _cleaned(text)
    compact = _COMPACT.fullmatch(cleaned)
    if compact:
        day = _day(compact[1], int(compact[2]), int(compact[3]))
        if day is None:
            return None
        rest = f"{compact[4]}:{compact[5]}:{compact[6] or '00'}" if compact[4] else ""
        return _moment(day, rest)
    era = _ERA.fullmatch(cleaned)
    if era:
        year = _ERA_START[era[1]] + (1 if era[2] == "元" else int(era[2]))
        day = _day(str(year), int(era[3]), int(era[4]))
        return None if day is None else _moment(day, era[5])
    if serials and _SERIAL.fullmatch(cleaned):
        return Moment(_SERIAL_ZERO + timedelta(days=int(float(cleaned))))
    if serials and _EPOCH.fullmatch(cleaned):
        moment = datetime.fromtimestamp(int(cleaned[:10]), UTC)
        return Moment(moment.date(), moment.time(), UTC)
    return _named(cleaned) if _NAMED.fullmatch(cleaned) else None


def _moment(day: date, rest: str) -> Moment | None:
    if not rest:
        return Moment(day)
    read = clock(rest)
    return None if read is None else Moment(day, *read)


def _named(text: str) -> Moment | None:
    """A date with its month in letters: the month, a day of one or two digits and a year, in any order."""
    head, rest = text, ""
    timed = re.search(r"[T, ]\s*(?:at\s|um\s|à\s)?(?:[AP]M\s)?\d{1,2}:\d{2}.*$", text)
    if timed:
        head, rest = text[: timed.start()], re.sub(r"^\W*(?:at|um|à)?\s*", "", timed[0])
    tokens = _SEPARATED.findall(head)
    words = [t for t in tokens if not t.isdigit()]
    figures = [t for t in tokens if t.isdigit()]
    if len(figures) != 2 or len(words) > 5:
        return None
    known = months()
    month = next((known[plain(w)] for w in words if plain(w) in known), None)
    if month is None:
        return None
    small, year = figures
    if len(small) == 4 or (len(small) == 2 and int(small) > 31):
        small, year = year, small
    if len(small) > 2 or len(year) not in (2, 4):
        return None
    day = _day(year, month, int(small))
    return None if day is None else _moment(day, rest)


@lru_cache(maxsize=50_000)
def looks_like_date(text: str) -> bool:
    """Whether `text` is a date under any order; bare numbers other than yyyymmdd are not."""
    parts = numbers(text) if len(text) >= 5 else None
    if parts is not None:
        return bool(possible_orders(parts))
    return parse(text) is not None


@dataclass(frozen=True, slots=True)
class Order:
    """The decided order of day, month and year, and why; `order` is '' while two are possible."""

    order: str
    why: str = ""


def decide_order(texts: Iterable[str]) -> Order:
    """The order that a column of dates shows: by a number above 12, by the separator, by the sequence."""
    votes = dict.fromkeys(ORDERS, 0)
    ambiguous: list[Numbers] = []
    count = 0
    separators = set()
    for text in texts:
        parts = numbers(text)
        if parts is None:
            continue
        count += 1
        possible = possible_orders(parts)
        if len(parts.first) == 4:
            votes["ymd"] += 1
            continue
        separators.add(parts.separator)
        ambiguous.append(parts)
        for order in possible:
            votes[order] += 1
    if not count or len(ambiguous) == 0:
        return Order("ymd" if count else "dmy")
    short = len(ambiguous[0].third) <= 2
    total = len(ambiguous)
    full = [o for o in ORDERS if votes[o] >= total and (o != "ymd" or short)]
    if len(full) == 1:
        return Order(full[0])
    if not full:
        best = max(ORDERS, key=lambda o: votes[o])
        return Order(best, f"Most dates only make sense as {best}.")
    return _by_sequence(ambiguous, full, separators)


def _by_sequence(parts: Sequence[Numbers], orders: Sequence[str], separators: set[str]) -> Order:
    if separators & set("年년月월"):
        return Order("ymd")
    runs: dict[str, tuple[bool, int]] = {}
    for order in orders:
        days = [d for p in parts if (d := _ordered(p, order))]
        falling = all(a >= b for a, b in pairwise(days))
        rising = all(a <= b for a, b in pairwise(days))
        runs[order] = (len(set(days)) > 2 and (rising or falling), (max(days) - min(days)).days)
    # Years taken for days scatter a statement over decades.
    near = [o for o in orders if runs[o][1] <= _LONGEST_STATEMENT]
    if near and len(near) < len(orders):
        orders = near
        if len(orders) == 1:
            return Order(orders[0])
    in_order = [o for o in orders if runs[o][0]]
    if len(in_order) == 1:
        return Order(in_order[0], f"Only as {in_order[0]} do the dates stand in order.")
    if separators == {"."} and "dmy" in orders:
        return Order("dmy")
    return Order("")
