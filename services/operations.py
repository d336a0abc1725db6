"""How the installation does: what the API answered and how fast, and whether everything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Float, case, cast, func, select

from models.database import Database, Transaction
from models.errors import InvalidInput
from models.schema import api_request_metrics
from models.stores import Stores
from services.domain_events.figures import Figures, figures

R = api_request_metrics.c
SLOWEST, FAILING = 15, 15
"""Endpoints that are listed."""


class Window(StrEnum):
    """How far back is looked."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"

    @property
    def length(self) -> timedelta:
        return {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}[self]

    @property
    def step(self) -> str:
        """What requests are counted by: minute or hour."""
        return "minute" if self is Window.HOUR else "hour"

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Window":
        """The window of the parameter of that name, 24 hours without one. Raises InvalidInput."""
        asked = given.get("window", "").strip() or "24h"
        if asked not in set(cls):
            raise InvalidInput.at(
                "window", f"There is no window {asked[:40]!r}; give one of {', '.join(cls)}."
            )
        return cls(asked)


@dataclass(frozen=True)
class Endpoint:
    """What one method of a route answered: how many `requests`, of which `refused` (4xx) and `failed` (5xx),
    and how long it took, in milliseconds: `median`, and what 95 and 99 of 100 were below."""

    endpoint: str
    method: str
    requests: int
    refused: int
    failed: int
    median: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Point:
    """The requests of one minute or hour, which begins at `start` (aware UTC)."""

    start: datetime
    requests: int
    refused: int
    failed: int


@dataclass(frozen=True)
class Traffic:
    """What the API answered in a window that ends at `end` (aware UTC). `points` has every step of it.
    `is_sampled`: a part of the requests was not kept, and others stand for them."""

    window: Window
    end: datetime
    slowest: tuple[Endpoint, ...]
    failing: tuple[Endpoint, ...]
    points: tuple[Point, ...]
    is_sampled: bool

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(point.requests for point in self.points)


@dataclass(frozen=True)
class States:
    """Whether the stores answer, and how domain events come in: None while Redis is away."""

    postgresql: bool
    redis: bool
    events: Figures | None


def traffic(database: Database, window: Window, at: datetime) -> Traffic:
    """What the API answered in the `window` before this instant, counted in whole steps."""
    start = _floor(at - window.length, window) + _step(window)
    recent = (start <= R.timestamp, R.timestamp <= at)
    with database.snapshot() as tx:
        endpoints = _endpoints(tx, *recent)
        points = _points(tx, window, *recent)
        sampled = bool(tx.value(select(func.coalesce(func.max(R.weight), 1) > 1).where(*recent)))
    steps = [start + index * _step(window) for index in range(int((at - start) / _step(window)) + 1)]
    every = tuple(points.get(step, Point(step, 0, 0, 0)) for step in steps)
    slowest = sorted(endpoints, key=lambda each: each.p95, reverse=True)[:SLOWEST]
    failing = [each for each in endpoints if each.refused or each.failed]
    failing.sort(key=lambda each: (each.failed, each.refused / each.requests, each.requests), reverse=True)
    return Traffic(window, at, tuple(slowest), tuple(failing[:FAILING]), every, sampled)


def states(stores: Stores, stream: str, at: datetime) -> States:
    """Whether everything runs. Raises Unavailable when PostgreSQL does not."""
    stores.database.ping()
    try:
        return States(True, True, figures(stores, at, stream))
    except RedisError:
        return States(True, False, None)


def _endpoints(tx: Transaction, *recent: ColumnElement[bool]) -> list[Endpoint]:
    took = cast(R.response_time_ms, Float(53))

    def below(share: float) -> ColumnElement[float]:
        return func.percentile_cont(share).within_group(took.asc())

    statement = (
        select(
            R.endpoint,
            R.method,
            *_counts(),
            below(0.5).label("median"),
            below(0.95).label("p95"),
            below(0.99).label("p99"),
        )
        .where(*recent)
        .group_by(R.endpoint, R.method)
        .order_by(R.endpoint, R.method)
    )
    return [Endpoint(**row) for row in tx.rows(statement)]


def _points(tx: Transaction, window: Window, *recent: ColumnElement[bool]) -> dict[datetime, Point]:
    start = func.date_trunc(window.step, R.timestamp).label("start")
    statement = select(start, *_counts()).where(*recent).group_by(start)
    return {row["start"]: Point(**row) for row in tx.rows(statement)}


def _counts() -> list[ColumnElement[int]]:
    """All of them, those that were refused, and those that failed; each for all that it stands for."""

    def total(name: str, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
        counted = R.weight if not conditions else case((conditions[0], R.weight), else_=0)
        return func.sum(counted).label(name)

    return [
        total("requests"),
        total("refused", R.status_code.between(400, 499)),
        total("failed", R.status_code >= 500),
    ]


def _step(window: Window) -> timedelta:
    return timedelta(minutes=1) if window.step == "minute" else timedelta(hours=1)


def _floor(at: datetime, window: Window) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if window.step == "minute" else whole.replace(minute=0)
