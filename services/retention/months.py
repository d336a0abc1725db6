"""The events of a month are dropped when they have had their time: the month is closed.

A month is one of the profile's local months. It is closed in one transaction, in which its rollups were found
to be the exact sum of its events; from then on a checksum stands for these.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from threading import Event
from uuid import UUID

from sqlalchemy import Date, cast, delete, func, insert, select

from models import partitions
from models.database import Transaction
from models.errors import Conflict
from models.period import HOUR, midnight, shift_months
from models.retention import Periods
from models.schema import closed_months, imports, profile_events
from models.stores import Stores
from services import audit, profiles
from services.ingest.events import LEAD
from services.profiles import Profile
from services.retention.task import Counts, Task
from services.rollups import traffic
from services.rollups.checksum import checksums
from services.rollups.closed import Closed, Month, closed
from services.rollups.rollup import Where

E = profile_events.c
_MONTH = cast(func.date_trunc("month", E.local_date), Date)


def close_months(stores: Stores, profile_id: UUID, at: datetime, keep: timedelta, stopping: Event) -> Counts:
    """Closes each month of the profile that is over and whose newest event was received longer ago than
    `keep`, and drops the partitions that are empty then.

    Raises Conflict that names the months whose figures are not the sum of their events, when all others are
    closed: of those nothing was dropped.
    """
    before = due(stores, profile_id, at, keep)
    wrong: list[str] = []
    for first in _due(stores, profile_id, at, keep):
        if stopping.is_set():
            break
        with stores.database.transaction() as tx:
            if refusal := _close(tx, profile_id, first, at, keep):
                wrong.append(refusal)
    if not stopping.is_set():
        drop_empty(stores, at, keep)
    if wrong:
        raise Conflict(" ".join(wrong))
    return Counts(before, due(stores, profile_id, at, keep))


def due(stores: Stores, profile_id: UUID, at: datetime, keep: timedelta) -> Mapping[str, int]:
    """How many months are to be closed, and how many events they have."""
    found = _due(stores, profile_id, at, keep)
    return {"months": len(found), "events": sum(found.values())}


def drop_empty(stores: Stores, at: datetime, keep: timedelta) -> int:
    """Drops the partitions of events, of all profiles, that ended longer ago than `keep` and hold none;
    returns how many."""
    return partitions.drop(stores.database, "profile_events", at - keep, filled=False)


def _due(stores: Stores, profile_id: UUID, at: datetime, keep: timedelta) -> Mapping[date, int]:
    with stores.database.transaction() as tx:
        return _found(tx, profiles.get(tx, profile_id), at, keep)


def _found(tx: Transaction, profile: Profile, at: datetime, keep: timedelta) -> Mapping[date, int]:
    """The months to be closed with their events, the oldest first. One that holds events of an import which
    is not through, or broke off and will be taken back, has to wait."""
    # Nothing was received before it happened, but for the lead of a clock: later months need no look.
    latest = shift_months(profile.local_date(at - keep + LEAD).replace(day=1), 1)
    running = profile.local_date(at).replace(day=1)
    unfinished = select(imports.c.import_id).where(
        imports.c.profile_id == profile.profile_id, imports.c.status == "running"
    )
    statement = (
        select(_MONTH.label("month"), func.count().label("events"))
        .where(E.profile_id == profile.profile_id, E.local_date < min(latest, running))
        .group_by(_MONTH)
        .having(func.max(E.received_at) < at - keep)
        .having(func.bool_or(func.coalesce(E.import_id.in_(unfinished), False)).is_(False))
        .order_by(_MONTH)
    )
    return {row["month"]: row["events"] for row in tx.rows(statement)}


def _close(tx: Transaction, profile_id: UUID, first: date, at: datetime, keep: timedelta) -> str | None:
    """Closes the month; returns why it can't be, in a sentence."""
    profile = profiles.locked(tx, profile_id)
    if first not in (found := _found(tx, profile, at, keep)):
        return None  # something came for it in the meantime
    known = closed(tx, profile_id)
    if known.starting(first):
        return f"{first:%B %Y} is closed and has events all the same; they were left where they are."
    month = _month(profile, known, first)
    part = month.part(profile_id)
    if wrong := traffic.differences_of(tx, part):
        return (
            f"{month} was not closed, as {_number(len(wrong))} not the sum of its events "
            f"({wrong[0]}). Count everything again, and it will be."
        )
    raw = part.of(profile_events)
    row = {
        "profile_id": profile_id,
        "month": first,
        "starts_at": month.starts_at,
        "ends_at": month.ends_at,
        "closed_at": at,
        "events": found[first],
        "checksums": checksums(tx, part),
        "imports": _imports(tx, raw),
    }
    tx.run(delete(profile_events).where(raw))
    tx.run(insert(closed_months).values(row))
    audit.record(tx, profile_id, "month-closed", audit.RETENTION, at, str(month), {"events": found[first]})
    return None


def _month(profile: Profile, known: Closed, first: date) -> Month:
    """The month with the instants that are its own: to the very borders of those next to it where they were
    closed in another zone."""
    before, after = known.starting(shift_months(first, -1)), known.starting(shift_months(first, 1))
    zone = profile.time_zone
    starts_at = _hour(before.ends_at, profile) if before else midnight(first, zone)
    ends_at = midnight(shift_months(first, 1), zone)
    if after:
        begun = _hour(after.starts_at, profile)
        ends_at = begun if begun == after.starts_at else begun + HOUR
    return Month(first, starts_at, ends_at)


def _hour(at: datetime, profile: Profile) -> datetime:
    """The start of the local hour."""
    local = at.astimezone(profile.tz)
    return at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _imports(tx: Transaction, raw: Where) -> Sequence[UUID]:
    found = select(E.import_id).distinct().where(raw, E.import_id.is_not(None))
    return [row["import_id"] for row in tx.rows(found)]


def _number(figures: int) -> str:
    return "1 of its figures is" if figures == 1 else f"{figures:,} of its figures are"


def _close_due(stores: Stores, profile_id: UUID, at: datetime, periods: Periods, stopping: Event) -> Counts:
    return close_months(stores, profile_id, at, periods.raw, stopping)


def _look(stores: Stores, profile_id: UUID, at: datetime, periods: Periods) -> Mapping[str, int]:
    return due(stores, profile_id, at, periods.raw)


TASK = Task(
    "months",
    "Events dropped, their sums kept",
    {"months": "months that are closed", "events": "events one by one"},
    _close_due,
    _look,
)
