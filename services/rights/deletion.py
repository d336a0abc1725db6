"""Deletion of a profile for good.

It is one commit that takes the profile from everybody: its row goes, and with it its members and tokens, so
that whoever asks afterwards is told that there is no such profile, and no writer finds one. What it had is
then removed in small transactions, by whoever looks first; a process that dies in between leaves the rest
to the next one. After a while it is looked once more for what was on its way.
"""

import hashlib
import hmac
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Table, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from models.clock import now
from models.database import Database, Transaction
from models.errors import InvalidInput, Unavailable
from models.feed import Post
from models.ids import derived_id
from models.keys import Keys
from models.schema import deletions, imports, profiles
from models.stores import Stores
from services import profiles as service
from services.domain_events.stream import NAME
from services.live.message import profile_deleted
from services.rights import holdings, shelf, traces

SETTLED = timedelta(minutes=10)
"""After which nothing that was on its way when the profile was deleted can still arrive."""
_AT_ONCE = 5_000
_PAUSE = 2.0
"""Seconds between two looks for what is to be deleted."""
D = deletions.c
_log = logging.getLogger(__name__)
Look = Callable[[], None]
"""Is called between two steps; what it raises ends the work there, and the rest is done later."""


def ask(stores: Stores, profile_id: UUID, name: str, at: datetime) -> None:
    """Deletes the profile: nobody can see or write it from now on, and what it had goes as soon as a worker
    looks (`carry_out`). It can't be taken back.

    Raises InvalidInput at `name` when that is not the profile's, NotFound, and Unavailable.
    """
    with stores.database.transaction() as tx:
        profile = service.locked(tx, profile_id)
        if name.strip() != profile.name:
            raise InvalidInput.at("name", "The name is another one. Nothing was deleted.")
        known = {"pending_id": profile_id, "asked_at": at, "emptied_at": None, "finished_at": None}
        marked = insert(deletions).values(digest=_digest(stores.keys, profile_id), **known)
        tx.run(marked.on_conflict_do_update(index_elements=["digest"], set_=known))
        # Whoever looks for imports that broke off looks for their profiles too.
        tx.run(delete(imports).where(imports.c.profile_id == profile_id))
        tx.run(delete(profiles).where(profiles.c.profile_id == profile_id))
    # Its audit trail goes with it.
    _log.warning("The profile %s is deleted for good", profile_id)
    stores.feed.publish([Post(profile_id, (profile_deleted(profile_id).body,))])


def carry_out(
    stores: Stores, at: datetime, stream: str = NAME, look: Look = lambda: None, only: UUID | None = None
) -> int:
    """Removes what is left of deleted profiles (of `only` one), and forgets which they were once nothing
    more can come. Returns for how many something was done. Raises Unavailable, and what `look` raises."""
    done = 0
    for profile_id in _due(stores.database, at, only):
        with stores.database.transaction() as held:
            if held.try_lock(derived_id("deletion", str(profile_id))):
                _remove(stores, profile_id, stream, look)
                _note(stores.database, profile_id, at)
                done += 1
    return done


def is_deleted(stores: Stores, profile_id: UUID) -> bool:
    """Whether there was a profile with this id, and it was deleted for good."""
    with stores.database.transaction() as tx:
        known = tx.first(select(D.digest).where(D.digest == _digest(stores.keys, profile_id)))
    return known is not None


def run(stores: Stores, stopping: threading.Event, stream: str = NAME) -> None:
    """The duty of a worker: carries deletions out, and removes exports that have waited too long, until it is
    told to stop. Raises Unavailable while a store is away."""

    def look() -> None:
        if stopping.is_set():
            raise _Stopping

    while not stopping.is_set():
        try:
            carry_out(stores, now(), stream, look)
            shelf.sweep(stores, now())
        except _Stopping:
            return
        stopping.wait(_PAUSE)


class _Stopping(Exception):
    """The process is to end; another one goes on."""


def _due(database: Database, at: datetime, only: UUID | None) -> list[UUID]:
    wanted = D.pending_id.is_not(None) if only is None else D.pending_id == only
    due = D.emptied_at.is_(None) | (D.emptied_at <= at - SETTLED)
    with database.transaction() as tx:
        found = tx.rows(select(D.pending_id).where(wanted, due).order_by(D.asked_at))
        return [row["pending_id"] for row in found]


def _remove(stores: Stores, profile_id: UUID, stream: str, look: Look) -> None:
    for table in reversed(holdings.tables()):
        while True:
            look()
            with stores.database.transaction() as tx:
                if not _some(tx, table, profile_id):
                    break
    look()
    try:
        traces.of_profile(stores, profile_id, stream)
        shelf.remove(stores, profile_id)
    except RedisError as error:
        raise Unavailable("Redis is away; the rest of a profile is deleted when it is back.") from error


def _some(tx: Transaction, table: Table, profile_id: UUID) -> int:
    """Removes some rows of the profile; returns how many."""
    own: ColumnElement[bool] = table.c[holdings.OWN] == profile_id
    key = tuple_(*table.primary_key)
    return tx.run(delete(table).where(own, key.in_(select(*table.primary_key).where(own).limit(_AT_ONCE))))


def _note(database: Database, profile_id: UUID, at: datetime) -> None:
    """All is gone: for the first time, or for good."""
    this = D.pending_id == profile_id
    with database.transaction() as tx:
        if not tx.run(update(deletions).where(this, D.emptied_at.is_(None)).values(emptied_at=at)):
            tx.run(update(deletions).where(this).values(pending_id=None, finished_at=at))


def _digest(keys: Keys, profile_id: UUID) -> bytes:
    return hmac.new(keys.secret("deletions").encode(), profile_id.bytes, hashlib.sha256).digest()[:16]
