"""What is to change, and how far it is."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update

from models.clock import now
from models.database import Database, Transaction
from models.errors import Conflict, Unavailable
from models.ids import new_id
from models.money import check_currency
from models.period import check_zone
from models.schema import profile_changes, profiles
from models.stores import Stores
from services import profiles as service

C = profile_changes.c
BROKE_OFF = "It broke off; nothing was changed."
TAKEN_WITHIN = timedelta(minutes=5)
"""How long a change may wait for the process that runs it."""


@dataclass(frozen=True)
class Change:
    """A change of a profile's zone and currency to `time_zone` and `currency`.

    `status` is "running", "done" or "failed" (then `problem` says why, and nothing was changed). Of
    `total` rows `done` are through; each row counts twice, as it is moved first and counted then.
    `total` is 0 until the work has begun. Times are aware UTC.
    """

    change_id: UUID
    profile_id: UUID
    time_zone: str
    currency: str
    status: str
    done: int
    total: int
    problem: str | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def running(self) -> bool:
        return self.status == "running"


def begin(stores: Stores, profile_id: UUID, time_zone: str, currency: str, at: datetime) -> Change:
    """Notes a change, which `run` does.

    Raises InvalidInput for a zone or currency that can't be, NotFound without such a profile, and Conflict
    while a change of it is running.
    """
    with stores.database.transaction() as tx:
        return _begin(tx, profile_id, time_zone, currency, at)


def edit(
    stores: Stores,
    profile_id: UUID,
    *,
    at: datetime,
    name: str | None = None,
    own_hosts: Sequence[str] | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
) -> Change | None:
    """Changes what is given of the profile, all of it or nothing.

    Returns the change that is still to be run where another zone or currency is given and there is
    data; None when all is done. Raises what `profiles.edit` and `begin` do.
    """
    zone = None if time_zone is None else check_zone(time_zone)
    reporting = None if currency is None else check_currency(currency)
    with stores.database.transaction() as tx:
        known = service.get(tx, profile_id)
        wanted = (zone or known.time_zone, reporting or known.currency)
        again = wanted != (known.time_zone, known.currency) and service.first_day(tx, profile_id) is not None
        fixed = {} if again else {"time_zone": zone, "currency": reporting}
        service.edit(tx, profile_id, at=at, name=name, own_hosts=own_hosts, **fixed)
        return _begin(tx, profile_id, *wanted, at) if again else None


def latest(tx: Transaction, profile_id: UUID) -> Change | None:
    """The newest change of the profile, None when there was none. One whose process has died is failed.

    `tx` must not be a snapshot: what ended after it was taken would look as if it had died.
    """
    change = _newest(tx, profile_id)
    if change is None or not change.running or _alive(tx, change):
        return change
    # It may have ended between the two looks.
    again = _newest(tx, profile_id)
    return replace(change, status="failed", problem=BROKE_OFF) if again == change else again


def take(tx: Transaction, change: Change) -> None:
    """Makes `tx` the one that runs the change, until it ends; Conflict when it runs or has ended."""
    taken = tx.try_lock(change.change_id)
    if not taken or tx.value(select(C.status).where(_this(change))) != "running":
        raise Conflict("This change is running already, or has ended.")


def tell(database: Database, change: Change, done: int, total: int) -> None:
    """Says how far the change is, for all to see while its own transaction is open."""
    with database.transaction() as tx:
        _set(tx, change, done=done, total=total)


def finish(tx: Transaction, change: Change, total: int, at: datetime) -> None:
    """Marks the change as done, in the transaction that does it."""
    _set(tx, change, status="done", done=total, total=total, finished_at=at)


def fail(database: Database, change: Change, problem: str, at: datetime) -> None:
    """Marks the change as failed; where the database is away, `latest` finds out by itself."""
    with suppress(Unavailable), database.transaction() as tx:
        _set(tx, change, status="failed", problem=problem, finished_at=at)


def _begin(tx: Transaction, profile_id: UUID, time_zone: str, currency: str, at: datetime) -> Change:
    zone, reporting = check_zone(time_zone), check_currency(currency)
    _refuse_second(tx, profile_id)
    # A change that is being carried out holds the row, in its last part; else one waits here for another.
    service.get(tx, profile_id)
    tx.run(select(profiles).where(profiles.c.profile_id == profile_id).with_for_update(key_share=True))
    broken = _refuse_second(tx, profile_id)
    if broken is not None:
        _set(tx, broken, status="failed", problem=BROKE_OFF, finished_at=at)
    change = Change(new_id(), profile_id, zone, reporting, "running", 0, 0, None, at, None)
    tx.run(insert(profile_changes).values({name: getattr(change, name) for name in _FIELDS}))
    return change


def _refuse_second(tx: Transaction, profile_id: UUID) -> Change | None:
    """Raises Conflict while a change is running; returns the latest one if its process died."""
    change = latest(tx, profile_id)
    if change is not None and change.running:
        raise Conflict("A change of time zone or currency is running; wait for its end.")
    return change if change is not None and change.finished_at is None else None


_FIELDS = tuple(Change.__dataclass_fields__)


def _alive(tx: Transaction, change: Change) -> bool:
    waits = change.total == 0 and now() - change.started_at < TAKEN_WITHIN
    return waits or tx.is_locked(change.change_id)


def _newest(tx: Transaction, profile_id: UUID) -> Change | None:
    row = tx.first(
        select(profile_changes).where(C.profile_id == profile_id).order_by(C.change_id.desc()).limit(1)
    )
    return None if row is None else Change(**{name: row[name] for name in _FIELDS})


def _this(change: Change) -> ColumnElement[bool]:
    return (C.profile_id == change.profile_id) & (C.change_id == change.change_id)


def _set(tx: Transaction, change: Change, **values: Any) -> None:
    """Only while it is running: what has ended stays as it ended."""
    tx.run(update(profile_changes).where(_this(change), C.status == "running").values(values))
