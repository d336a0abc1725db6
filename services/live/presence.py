"""Who is looking right now: visitors of the last minutes, and the views of the last hour by minute.

Counted in Redis from what is published. Where Redis lost it, or never heard of it, PostgreSQL is asked
for the last hour and Redis told again; where Redis is away, PostgreSQL is asked alone.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import select

from models.feed import SEEN_FOR, START, Post, Sighting, channel, milliseconds, seen_keys
from models.schema import profile_events
from models.stores import Stores
from services.rollups.traffic import VIEWS

MINUTES = 60
_SHORT, _LONG = timedelta(minutes=5), timedelta(minutes=30)
_MINUTE = timedelta(minutes=1)
_TRUSTED = timedelta(minutes=5)
"""How long Redis is believed without asking PostgreSQL again: a process that was killed between its commit
and its word to Redis leaves a view out for no longer."""

E = profile_events.c


@dataclass(frozen=True)
class Presence:
    """`last5` and `last30` are the visitors of the last 5 and 30 minutes; `minutes` has the views of each
    of the last 60 minutes of the clock, the running one last, which began at `minute`. All of it is of
    the moment when the stream's newest entry was `position`, None while Redis is away."""

    last5: int
    last30: int
    minutes: tuple[int, ...]
    minute: datetime
    position: str | None


def presence(stores: Stores, profile_id: UUID, at: datetime) -> Presence:
    """Who is looking at the profile; `at` is now. Raises Unavailable when PostgreSQL is needed and away."""
    try:
        if not stores.redis.exists(_counted(profile_id)):
            _tell_again(stores, profile_id, at)
        return _of_redis(stores, profile_id, at)
    except RedisError:
        return _of_sightings(_sightings(stores, profile_id, at), at)


def active(stores: Stores, profile_id: UUID, at: datetime) -> tuple[int, int]:
    """The visitors of the last 5 and 30 minutes alone."""
    seen = presence(stores, profile_id, at)
    return seen.last5, seen.last30


def _tell_again(stores: Stores, profile_id: UUID, at: datetime) -> None:
    stores.feed.publish([Post(profile_id, sightings=_sightings(stores, profile_id, at))])
    stores.redis.set(_counted(profile_id), 1, ex=int(_TRUSTED.total_seconds()))


def _of_redis(stores: Stores, profile_id: UUID, at: datetime) -> Presence:
    views, visitors = seen_keys(profile_id)
    minute = _minute_of(at)
    starts = [minute - _MINUTE * (MINUTES - 1 - index) for index in range(MINUTES)]
    pipe = stores.redis.pipeline(transaction=True)
    pipe.xrevrange(channel(profile_id), count=1)
    for since in (_SHORT, _LONG):
        pipe.zcount(visitors, f"({milliseconds(at - since)}", "+inf")
    for start in starts:
        pipe.zcount(views, milliseconds(start), f"({milliseconds(start + _MINUTE)}")
    newest, last5, last30, *minutes = pipe.execute()
    return Presence(last5, last30, tuple(minutes), minute, newest[0][0] if newest else START)


def _sightings(stores: Stores, profile_id: UUID, at: datetime) -> tuple[Sighting, ...]:
    """Every view of the last hour, from the events themselves."""
    statement = select(E.id, E.visitor_key, E.timestamp).where(
        E.profile_id == profile_id, E.timestamp > at - SEEN_FOR, VIEWS
    )
    with stores.database.transaction() as tx:
        return tuple(
            Sighting(row["id"], row["visitor_key"].hex(), row["timestamp"]) for row in tx.rows(statement)
        )


def _of_sightings(seen: tuple[Sighting, ...], at: datetime) -> Presence:
    minute = _minute_of(at)
    ages = Counter((minute - _minute_of(each.at)) // _MINUTE for each in seen)
    minutes = tuple(ages[MINUTES - 1 - index] for index in range(MINUTES))
    last5, last30 = (
        len({each.visitor for each in seen if each.at > at - since}) for since in (_SHORT, _LONG)
    )
    return Presence(last5, last30, minutes, minute, None)


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _counted(profile_id: UUID) -> str:
    return f"{channel(profile_id)}:counted"
