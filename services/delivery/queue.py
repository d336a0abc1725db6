"""What waits to be sent, and what came of it. An alert is put here by the transaction that stores it, so
that none is lost; what is sent may arrive twice, with the same id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import any_, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Database, Transaction
from models.errors import NotFound
from models.ids import derived_id, new_id
from models.schema import alert_attempts, alert_channels, alert_deliveries, gov_alerts
from services.delivery import channels
from services.delivery.channels import EMAIL, Channel

PAUSES = tuple(
    timedelta(**{unit: many})
    for unit, many in (
        ("seconds", 0), ("seconds", 5), ("minutes", 5), ("minutes", 30), ("hours", 2), ("hours", 5),
        ("hours", 10), ("hours", 14), ("hours", 20), ("hours", 24),
    )
)  # fmt: skip
"""Before each attempt: a little more than three days in all."""
LEASE = timedelta(minutes=2)
"""After so long somebody else takes up what a process that died was sending."""
KEPT = timedelta(days=30)
MOST_MAILS = 50
_DAY = timedelta(days=1)
_DUE = ("profile_id", "delivery_id", "channel_id", "alert_id", "created_at")
WAITING, SENT, FAILED = "waiting", "sent", "failed"
C, D, T, A = alert_channels.c, alert_deliveries.c, alert_attempts.c, gov_alerts.c


@dataclass(frozen=True)
class Due:
    """Something to be sent now, for the time of this `number`; without an alert it is a test."""

    profile_id: UUID
    delivery_id: UUID
    channel_id: UUID
    alert_id: UUID | None
    number: int
    created_at: datetime


@dataclass(frozen=True)
class Attempt:
    """What came of sending something once: `answer` is a sentence; one that `is_final` is the last."""

    at: datetime
    ok: bool
    answer: str
    duration_ms: int
    is_final: bool = False


@dataclass(frozen=True)
class Delivery:
    """One line of the log. `status` is waiting, sent or failed; `organization` and `visited_at` are those of
    the alert, None for a test; `last` is the last attempt."""

    delivery_id: UUID
    kind: str
    target: str
    status: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    alert_id: UUID | None
    organization: str | None
    last: Attempt | None


def enqueue(tx: Transaction, profile_id: UUID, alert_id: UUID, at: datetime) -> None:
    """The alert is to be sent to every channel of the profile that is in use; once, however often asked. An
    e-mail address gets MOST_MAILS within a day at most."""
    rows = [
        _row(each.profile_id, each.channel_id, alert_id, at)
        for each in channels.listing(tx, profile_id)
        if each.stopped_at is None and not _has_enough(tx, each, at)
    ]
    if rows:
        old = (D.profile_id == profile_id, D.created_at < at - KEPT, D.status != WAITING)
        tx.run(delete(alert_deliveries).where(*old))
        tx.insert_new(alert_deliveries, rows)


def enqueue_test(tx: Transaction, profile_id: UUID, channel_id: UUID, at: datetime) -> UUID:
    """A test is to be sent there; returns the id of the delivery. Raises NotFound."""
    channel = channels.find(tx, profile_id, channel_id)
    row = _row(profile_id, channel.channel_id, None, at)
    tx.run(insert(alert_deliveries).values(row))
    return UUID(str(row["delivery_id"]))


def replay(tx: Transaction, profile_id: UUID, delivery_id: UUID, at: datetime) -> None:
    """Sends something again, under its id, with all attempts before it. Raises NotFound."""
    own = (D.profile_id == profile_id, D.delivery_id == delivery_id)
    row = tx.first(select(D.channel_id).where(*own))
    if row is None:
        raise NotFound("There is no such delivery.")
    channels.find(tx, profile_id, row["channel_id"])
    tx.run(
        update(alert_deliveries)
        .where(*own, D.status != WAITING)
        .values(status=WAITING, attempts=0, next_at=at, finished_at=None)
    )


def claim(database: Database, at: datetime, most: int) -> list[Due]:
    """Takes what is to be sent by now, at most so much; nobody else gets it until the lease ends."""
    waiting = (D.status == WAITING, D.next_at <= at)
    with database.transaction() as tx:
        owners = [row["profile_id"] for row in tx.rows(select(D.profile_id).where(*waiting).distinct())]
    found: list[Due] = []
    for profile_id in owners:
        if len(found) < most:
            with database.transaction() as tx:
                found += _claim(tx, profile_id, at, most - len(found))
    return found


def note(tx: Transaction, due: Due, attempt: Attempt) -> None:
    """Writes down what came of an attempt, and when the next one is, if there is one."""
    number = select(func.coalesce(func.max(T.number), 0) + 1).where(
        T.profile_id == due.profile_id, T.delivery_id == due.delivery_id
    )
    own = (D.profile_id == due.profile_id, D.delivery_id == due.delivery_id)
    tx.run(
        insert(alert_attempts).values(
            profile_id=due.profile_id,
            delivery_id=due.delivery_id,
            number=tx.value(number),
            at=attempt.at,
            ok=attempt.ok,
            answer=attempt.answer,
            duration_ms=attempt.duration_ms,
        )
    )
    if attempt.ok or attempt.is_final or due.number >= len(PAUSES):
        ended = {"status": SENT if attempt.ok else FAILED, "next_at": None, "finished_at": attempt.at}
        tx.run(update(alert_deliveries).where(*own).values(ended))
    else:
        again = attempt.at + PAUSES[due.number]
        tx.run(update(alert_deliveries).where(*own, D.status == WAITING).values(next_at=again))


def listing(tx: Transaction, profile_id: UUID, limit: int = 50) -> list[Delivery]:
    """The log of the profile, the newest first, each with its last attempt."""
    last = select(T.delivery_id, func.max(T.number).label("number")).where(T.profile_id == profile_id)
    last_of = last.group_by(T.delivery_id).subquery()
    statement = (
        select(
            D.delivery_id, C.kind, C.target, D.status, D.attempts, D.created_at, D.next_at, D.alert_id,
            A.organization, T.at, T.ok, T.answer, T.duration_ms,
        )
        .join(alert_channels, (C.profile_id == D.profile_id) & (C.channel_id == D.channel_id))
        .outerjoin(gov_alerts, (A.profile_id == D.profile_id) & (A.id == D.alert_id))
        .outerjoin(last_of, last_of.c.delivery_id == D.delivery_id)
        .outerjoin(
            alert_attempts,
            (T.profile_id == D.profile_id)
            & (T.delivery_id == D.delivery_id)
            & (T.number == last_of.c.number),
        )
        .where(D.profile_id == profile_id)
        .order_by(D.created_at.desc(), D.delivery_id)
        .limit(limit)
    )  # fmt: skip
    tried = ("at", "ok", "answer", "duration_ms")
    return [
        Delivery(
            **{name: value for name, value in row.items() if name not in tried},
            last=Attempt(**{name: row[name] for name in tried}) if row["at"] else None,
        )
        for row in tx.rows(statement)
    ]


def attempts(tx: Transaction, profile_id: UUID, delivery_id: UUID) -> list[Attempt]:
    """Every attempt to send something, the first one first."""
    own = select(T.at, T.ok, T.answer, T.duration_ms).where(
        T.profile_id == profile_id, T.delivery_id == delivery_id
    )
    return [Attempt(**row) for row in tx.rows(own.order_by(T.number))]


def _claim(tx: Transaction, profile_id: UUID, at: datetime, most: int) -> list[Due]:
    free = (
        select(D.delivery_id)
        .where(D.profile_id == profile_id, D.status == WAITING, D.next_at <= at)
        .order_by(D.next_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken: Sequence[UUID] = [row["delivery_id"] for row in tx.rows(free)]
    if not taken:
        return []
    statement = (
        update(alert_deliveries)
        .where(D.profile_id == profile_id, D.delivery_id == any_(literal(taken, ARRAY(D.delivery_id.type))))
        .values(next_at=at + LEASE, attempts=D.attempts + 1)
        .returning(
            D.profile_id, D.delivery_id, D.channel_id, D.alert_id, D.attempts.label("number"), D.created_at
        )
    )
    return [Due(**row) for row in tx.rows(statement)]


def _has_enough(tx: Transaction, channel: Channel, at: datetime) -> bool:
    """Whether an e-mail address had so many alerts within a day that another one tells nothing more."""
    if channel.kind != EMAIL:
        return False
    own = (D.profile_id == channel.profile_id, D.channel_id == channel.channel_id, D.created_at > at - _DAY)
    return int(tx.value(select(func.count()).where(*own))) >= MOST_MAILS


def _row(profile_id: UUID, channel_id: UUID, alert_id: UUID | None, at: datetime) -> dict[str, object]:
    own = derived_id("delivery", str(channel_id), str(alert_id)) if alert_id else new_id()
    return {
        "profile_id": profile_id,
        "delivery_id": own,
        "channel_id": channel_id,
        "alert_id": alert_id,
        "status": WAITING,
        "created_at": at,
        "next_at": at,
    }
