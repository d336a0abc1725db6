"""A stream of the test's own, a consumer on it, and events as a platform tells them."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from models.clock import now
from models.ids import new_id
from models.stores import Stores
from services.domain_events.consumer import Consumer
from services.domain_events.dead import Letter, letters
from services.domain_events.stream import GROUP, Stream, opened
from services.profiles import Profile

Tell = Callable[..., str]


@pytest.fixture
def stream(stores: Stores) -> Iterator[Stream]:
    """The empty stream of domain events."""
    with opened(stores) as source:
        yield source


@pytest.fixture
def consumer(stores: Stores, stream: Stream) -> Consumer:
    """A worker's consumer that has not begun; it waits for nothing longer than it has to."""
    return Consumer(stores, stream, "first", idle=0, grace=0)


@pytest.fixture
def tell(stream: Stream, anna: Profile) -> Tell:
    """Publishes an event of Anna's, and returns its id: `tell("profile.viewed", ip="192.0.2.1")`."""

    def publish(kind: str, *, key: UUID | str | None = None, at: datetime | None = None, **data: Any) -> str:
        told = event(anna, kind, key=key, at=at, **data)
        stream.publish([json.dumps(told)])
        return str(told["id"])

    return publish


def event(
    profile: Profile,
    kind: str,
    *,
    key: UUID | str | None = None,
    at: datetime | None = None,
    **data: Any,
) -> dict[str, Any]:
    """A domain event of the profile, by default of a minute ago."""
    return {
        "id": str(key or new_id()),
        "type": kind,
        "occurredAt": (at or now() - timedelta(minutes=1)).isoformat(),
        "data": {"profileId": str(profile.profile_id), **data},
    }


GIFT = {"giftId": "g-1", "giftName": "Roses", "category": "flowers", "amount": "25.00", "currency": "EUR"}
BOOKING = {"bookingId": "b-1", "amount": 200, "currency": "EUR", "clientId": "carl"}
CHARGE = {"subscriptionId": "s-1", "subscriberId": "eve", "amount": 12.5, "currency": "EUR"}
VIEW = {"ip": "192.0.2.1", "userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}


def unsettled(stream: Stream) -> int:
    """How many events are not read or not acknowledged yet."""
    (group,) = stream.redis.xinfo_groups(stream.name)
    assert group["name"] == GROUP
    return int(group["pending"] + group["lag"])


def drain(consumer: Consumer, turns: int = 50) -> None:
    """Lets the consumer work until everything is settled."""
    consumer.turn()
    while unsettled(consumer.stream):
        assert (turns := turns - 1), "it does not come to an end"
        consumer.turn()


def dead(stream: Stream) -> list[Letter]:
    """The dead letters, the oldest first."""
    return list(letters(stream))
