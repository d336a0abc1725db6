"""What was sent, what was acknowledged, and what was answered and when; shared by all clients."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from threading import Lock
from uuid import UUID

WEB = ("web", "gunicorn", "supervisor")
STORES = ("postgres", "backend")


@dataclass(frozen=True)
class Sale:
    """A transaction as it was last acknowledged."""

    profile_id: UUID
    amount: Decimal
    status: str
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True)
class Odd:
    """Something that needs an explanation."""

    what: str
    at: float


@dataclass
class Fault:
    """A part that was killed, and the time for which it was away (on the monotonic clock)."""

    kind: str
    begun: float
    ended: float | None = None


@dataclass
class Journal:
    """Ids are texts. `views` are the acknowledged ones that are to be told live, with the moment of their
    acknowledgement; `imported` holds the number of rows of each acknowledged file."""

    events: dict[str, UUID] = field(default_factory=dict)
    views: dict[str, float] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    costs: dict[str, UUID] = field(default_factory=dict)
    imported: dict[str, tuple[UUID, int]] = field(default_factory=dict)
    logged: Counter[UUID] = field(default_factory=Counter)
    """Lines of access logs that were taken, by profile."""
    open: set[str] = field(default_factory=set)
    """What was sent and never acknowledged."""
    published: int = 0
    published_again: int = 0
    lost_by_redis: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    slowest: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def sending(self, *keys: str) -> None:
        with self.lock:
            self.open |= set(keys)

    def acknowledged(self, keys: list[str], profile_id: UUID, views: set[str] = frozenset()) -> None:
        """Events."""
        with self.lock:
            self.open -= set(keys)
            self.events |= dict.fromkeys(keys, profile_id)
            for key in views:
                self.views.setdefault(key, time.monotonic())

    def sold(self, key: str, sale: Sale) -> None:
        with self.lock:
            self.open.discard(key)
            self.sales[key] = sale

    def given_back(self, key: str, part: Decimal) -> None:
        with self.lock:
            known = self.sales[key]
            self.sales[key] = replace(known, status="refunded", refunded=known.refunded + part)

    @property
    def answered_so_far(self) -> int:
        """Requests that had an answer."""
        with self.lock:
            return sum(many for what, many in self.answers.items() if what != "no answer")

    def note(self, what: str) -> None:
        """Something odd."""
        with self.lock:
            self.odd.append(Odd(what, time.monotonic()))

    def answered(self, what: str, status: int, code: str, retry: str | None, begun: float) -> None:
        """Counts an answer; one of the 5xx that nothing explains is odd."""
        ended = time.monotonic()
        with self.lock:
            self.answers[f"{status} {code}".strip()] += 1
            self.slowest = max(self.slowest, ended - begun)
        if status < 500:
            return
        if status != 503 or not retry:
            self.note(f"{what}: {status} {code}, Retry-After {retry}")
        elif code != "busy" and not self.away(STORES, begun, ended):
            self.note(f"{what}: 503 while PostgreSQL was there")

    def broken(self, what: str, error: Exception, begun: float) -> None:
        """No answer came: while the web is killed it can't."""
        ended = time.monotonic()
        with self.lock:
            self.answers["no answer"] += 1
        if not self.away(WEB, begun, ended):
            self.note(f"{what}: no answer while the web was there ({type(error).__name__})")

    def away(self, kinds: tuple[str, ...], begun: float, ended: float, after: float = 8.0) -> bool:
        """Whether one of these was away between the two moments, or had come back `after` seconds before."""
        with self.lock:
            known = [fault for fault in self.faults if fault.kind in kinds]
        return any(
            fault.begun <= ended and (fault.ended is None or begun <= fault.ended + after) for fault in known
        )
