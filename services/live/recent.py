"""What was told of a profile last, for whoever begins to watch it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from models.feed import START
from models.stores import Stores
from services.live import message

HAPPENED = frozenset(
    (
        message.PROFILE_VIEW,
        message.GIFT_PURCHASED,
        message.BOOKING_COMPLETED,
        message.SUBSCRIPTION_CHARGED,
        message.AFFILIATE_EARNED,
        message.TRANSACTION_REFUNDED,
        message.GOV_ALERT,
    )
)
"""The messages that tell of something that happened on the profile."""
MOST = 300
_READ = 1_000


@dataclass(frozen=True)
class Recent:
    """The newest `messages`, oldest first, as a socket sends them (`id`, `event`, `eventId`, `data`); all of
    it is up to `position` in the stream, None while Redis is away."""

    messages: tuple[Mapping[str, Any], ...]
    position: str | None


def recent(stores: Stores, profile_id: UUID) -> Recent:
    """What happened on the profile last, at most 300 of it; nothing while Redis is away."""
    try:
        entries = stores.feed.latest(profile_id, _READ)
    except RedisError:
        return Recent((), None)
    told = [{"id": entry.id, **json.loads(entry.body)} for entry in entries]
    happened = [each for each in told if each["event"] in HAPPENED]
    return Recent(tuple(happened[-MOST:]), entries[-1].id if entries else START)
