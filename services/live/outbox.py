"""Transactions that tell what they stored, once it is stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from models.database import Transaction
from models.feed import Post, Sighting
from models.stores import Stores
from services.live.message import Message

LIVE_FOR = timedelta(hours=24)
"""What is older is history: it changes figures, and nobody is told of it one by one."""


@dataclass(frozen=True)
class _Told:
    """What a transaction has to tell: a message, a view that was seen, or neither."""

    profile_id: UUID
    message: Message | None = None
    sighting: Sighting | None = None


@contextmanager
def committing(stores: Stores) -> Iterator[Transaction]:
    """A transaction whose announcements go out after its commit, and never without it.

    Raises what `Database.transaction` does; that Redis is away is no error (see models.feed).
    """
    with stores.database.transaction() as tx:
        yield tx
    stores.feed.publish(_posts(tx.outbox))


def announce(tx: Transaction, message: Message, sighting: Sighting | None = None) -> None:
    """Tells this message after the commit, and whom it saw."""
    tx.outbox.append(_Told(message.profile_id, message, sighting))


def touch(tx: Transaction, profile_id: UUID) -> None:
    """Tells after the commit that figures of the profile may have changed."""
    tx.outbox.append(_Told(profile_id))


def is_live(at: datetime, received_at: datetime) -> bool:
    """Whether what happened `at` is told as it comes in."""
    return at > received_at - LIVE_FOR


def _posts(told: Sequence[_Told]) -> list[Post]:
    """One post for each profile, each with its messages in their order."""
    ordered = sorted(told, key=lambda each: each.profile_id)
    return [
        Post(
            profile_id,
            tuple(each.message.body for each in own if each.message),
            tuple(each.sighting for each in own if each.sighting),
        )
        for profile_id, group in groupby(ordered, key=lambda each: each.profile_id)
        for own in (list(group),)
    ]
