"""How the stream of domain events does: what waits, what was counted, who works."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.stores import Stores
from services.domain_events.envelope import TYPES
from services.domain_events.stream import GROUP, NAME, Stream

ALIVE = timedelta(seconds=15)
"""A consumer that was not heard of for longer is dead, or hangs."""
_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Figures:
    """`lag`: events that nobody has read yet; `pending`: read and not acknowledged; `dead`: dead letters
    that wait; `workers`: consumers alive; `per_minute`: events counted in the last whole minute.

    Since the totals began: `consumed` by type, `repeated` of those (their rows were there already),
    `given_up` (dead letters written), `retried`, `batches` and the `batch_seconds` they took."""

    lag: int
    pending: int
    dead: int
    workers: int
    per_minute: int
    consumed: Mapping[str, int]
    repeated: int
    given_up: int
    retried: int
    batches: int
    batch_seconds: float


def figures(stores: Stores, at: datetime, name: str = NAME) -> Figures:
    """The figures of the stream `name`. Raises RedisError."""
    redis, stream = stores.redis, Stream(stores.redis, name)
    group = _group(redis, name)
    totals = redis.hgetall(stream.totals)
    consumers = redis.xinfo_consumers(name, GROUP) if group else ()
    counted = redis.get(stream.minute(at - timedelta(minutes=1)))
    return Figures(
        lag=_lag(redis, name, group),
        pending=group["pending"] if group else 0,
        dead=redis.xlen(stream.dead),
        workers=sum(each["idle"] < ALIVE.total_seconds() * 1000 for each in consumers),
        per_minute=int(counted or 0),
        consumed={kind: int(totals.get(f"consumed:{kind}", 0)) for kind in TYPES},
        repeated=int(totals.get("repeated", 0)),
        given_up=int(totals.get("dead", 0)),
        retried=int(totals.get("retried", 0)),
        batches=int(totals.get("batches", 0)),
        batch_seconds=float(totals.get("batch_seconds", 0)),
    )


def _group(redis: Any, name: str) -> Mapping[str, Any] | None:
    """What Redis knows of the group; None before the first worker came."""
    groups = redis.xinfo_groups(name) if redis.exists(name) else ()
    return next((group for group in groups if group["name"] == GROUP), None)


def _lag(redis: Any, name: str, group: Mapping[str, Any] | None) -> int:
    if group is None:
        return int(redis.xlen(name))
    if group["lag"] is not None:
        return int(group["lag"])
    # Redis does not know it once entries in the middle were deleted: then they are counted, up to a point.
    return len(redis.xrange(name, min=f"({group['last-delivered-id']}", count=_MOST_COUNTED))
