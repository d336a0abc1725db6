"""One line of a web server's access log in common or combined format."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from itertools import accumulate

from services.imports.rejected import Rejected

SHOWN = 2000
"""Characters of a rejected line that are kept."""

_QUOTED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
# Each part with what is wrong when the line fits up to it and no further.
_PARTS = (
    (r"([^\"]*?) \[([^\]\"]{15,40})\]", "There is no client followed by a time in brackets."),
    (rf" {_QUOTED}", "There is no request in quotes after the time."),
    (r" (\d{3}|-) (?:\d+|-)", "There is no status and size after the request."),
    (
        rf"(?: {_QUOTED} {_QUOTED}(?: .*)?|(?: [^\"]*)?)$",
        "The referrer or the user agent has no closing quote.",
    ),
)
_UP_TO = [re.compile(pattern, re.ASCII) for pattern in accumulate(pattern for pattern, _ in _PARTS)]
_LINE = _UP_TO[-1]

_MINUTE = re.compile(r"(\d\d)/([A-Za-z]{3})/(\d{4}):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d)(\d\d)", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SECONDS = {f"{second:02}": timedelta(seconds=second) for second in range(61)}  # 60: a leap second

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TIME = re.compile(r"\[\d{1,2}/", re.ASCII)
_QUOTE = re.compile(r'(?<!\\)"')
_ADDRESSLIKE = re.compile(r"(?<![\w.:])[0-9a-fA-F]{0,4}[.:][0-9a-fA-F.:]+", re.ASCII)
_ESCAPE = re.compile(rb'\\(?:x([0-9a-fA-F]{2})|(["\\]))')


@dataclass(frozen=True, slots=True)
class Hit:
    """One request.

    `line` counts from 1. `key`: 32 hex digits that stand for this line of this log, the same ones
    whenever the log is read. `ip`: the client as logged, which is a name where the server looks
    names up. `at`: aware UTC. `method` is empty and `target` the whole request where that is not
    "METHOD target HTTP/x". `status`: 0 where none was logged. `referrer` and `user_agent`: None
    where the log has "-" or no such field. Texts hold no control characters; the server's escapes
    are undone.
    """

    line: int
    key: str
    ip: str
    at: datetime
    method: str
    target: str
    status: int
    referrer: str | None
    user_agent: str | None

    @property
    def address(self) -> str | None:
        """The client's IP address in its usual form, or None when the log holds none."""
        return _address(self.ip)


def parse(number: int, line: bytes, key: str) -> Hit | Rejected:
    """The line (without its end) as a Hit under that number and key, or why it is none."""
    text = shown(line)
    if not (match := _LINE.match(text)):
        return Rejected(number, _reason(text), nameless(text))
    prefix, time, request, status, referrer, agent = match.groups()
    if not (at := _instant(time)):
        return Rejected(number, f"There is no such time as {time}.", nameless(text))
    method, target = _request(_unescaped(request))
    code = 0 if status == "-" else int(status)
    return Hit(number, key, _client(prefix), at, method, target, code, _value(referrer), _value(agent))


def shown(line: bytes) -> str:
    """The line as text without control characters; bytes that are not UTF-8 become `\\xNN`."""
    return _printable(line.decode("utf-8", "backslashreplace"))


def nameless(text: str) -> str:
    """What is listed of a line: neither client, user nor user agent, as the list may outlive the log."""
    text = text[: 2 * SHOWN]
    time = _TIME.search(text)
    quotes = [found.start() for found in _QUOTE.finditer(text)]
    told = text[time.start() if time else 0 : quotes[4] if len(quotes) > 4 else None]
    told = _ADDRESSLIKE.sub(lambda found: "…" if _address(found[0]) else found[0], told)
    return _cut(("… " if time else "") + told + ("…" if len(quotes) > 4 else ""))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _reason(text: str) -> str:
    """Why a line that does not match is refused: the first part that does not fit."""
    if not text.strip():
        return "The line is empty."
    return _PARTS[sum(pattern.match(text) is not None for pattern in _UP_TO)][1]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _unescaped(text: str) -> str:
    """The text with the server's escapes undone, those of control characters excepted."""
    if "\\" not in text:
        return text
    return _printable(_ESCAPE.sub(_unescape, text.encode()).decode("utf-8", "backslashreplace"))


def _unescape(found: re.Match[bytes]) -> bytes:
    return found[2] or bytes.fromhex(found[1].decode())


def _value(text: str | None) -> str | None:
    return None if text is None or text in ("-", "") else _unescaped(text)


def _request(request: str) -> tuple[str, str]:
    """Method and target, or an empty method and the whole request."""
    method, _, rest = request.partition(" ")
    target, _, protocol = rest.rpartition(" ")
    if protocol.startswith("HTTP/") and method.isupper():
        return method, target
    return "", request


@lru_cache(maxsize=2000)
def _client(prefix: str) -> str:
    """Whom the request came from, out of all that stands before the time.

    That is "client ident user", after a virtual host in some logs; the user may hold spaces, and the
    client may be the list that proxies made ("client, proxy").
    """
    words = prefix.split() or ["-"]
    if words[0].endswith(","):
        forwarded = [word.rstrip(",") for word in words]
        return next(filter(_address, forwarded), forwarded[0])
    if len(words) > 3 and words[1] != "-":
        return words[1]
    return words[0]


@lru_cache(maxsize=10_000)
def _address(client: str) -> str | None:
    host = client.removeprefix("[").partition("]")[0].partition("%")[0]
    if host.count(":") == 1:  # a port
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _instant(text: str) -> datetime | None:
    """The time of a line in UTC, or None where there is no such time."""
    try:
        second = _SECONDS.get(text[18:20])
        if second is None:
            at = datetime.fromisoformat(text)
            return at.astimezone(UTC) if at.tzinfo else None
        return _minute(text[:17] + text[20:]) + second
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=5000)
def _minute(text: str) -> datetime:
    """The start of a minute in UTC out of a time without its seconds ("17/May/2015:10:05 +0000")."""
    if not (match := _MINUTE.fullmatch(text)):
        raise ValueError(text)
    day, month, year, hour, minute, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(-offset if sign == "-" else offset)
    number = _MONTHS.index(month.lower()) + 1
    return datetime(int(year), number, int(day), int(hour), int(minute), tzinfo=zone).astimezone(UTC)
