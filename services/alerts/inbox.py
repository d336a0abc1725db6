"""The alerts of a profile, and which of them its provider has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, func, select, tuple_, update

from models.database import Transaction
from models.errors import NotFound
from models.schema import gov_alerts, muted_networks
from services import audit

A, M = gov_alerts.c, muted_networks.c
MUTED = (M.profile_id == A.profile_id) & (M.network_id == A.network_id)


class Place(NamedTuple):
    """Where an alert stands in a list."""

    timestamp: datetime
    alert_id: UUID

    @classmethod
    def read(cls, parts: Sequence[str]) -> "Place | None":
        """The place from its two parts as text; None when they are none."""
        try:
            at, alert_id = parts
            found = cls(datetime.fromisoformat(at), UUID(alert_id))
        except ValueError:
            return None
        return found if found.timestamp.tzinfo else None


@dataclass(frozen=True)
class Alert:
    """One visitor's first visit of a day from a government's network. Instants are aware UTC; `confidence`
    is 0-1; `is_muted` says that its network was muted since. `ip` is None once its period has passed; then
    `address_hash` is the same for alerts from the same address within a quarter, where its key was there."""

    alert_id: UUID
    profile_id: UUID
    network_id: UUID
    event_id: UUID
    timestamp: datetime
    ip: str | None
    confidence: float
    kind: str | None
    organization: str | None
    asn: str | None
    country: str | None
    reasons: tuple[str, ...]
    list_version: str
    seen_at: datetime | None
    is_muted: bool
    address_hash: bytes | None = None

    @property
    def address_tag(self) -> str | None:
        """Six letters that stand for an address which is kept no more; None where nothing does."""
        return self.address_hash.hex()[:6] if self.address_hash else None

    @property
    def place(self) -> Place:
        """Where it stands in a list."""
        return Place(self.timestamp, self.alert_id)


def listing(
    tx: Transaction,
    profile_id: UUID,
    *,
    first: date | None = None,
    last: date | None = None,
    only_unseen: bool = False,
    after: Place | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Alerts from the newest visit on, at most `limit`, of these local days; `after` is the place of the
    last seen."""
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(A.local_date >= first)
    if last is not None:
        conditions.append(A.local_date <= last)
    if only_unseen:
        conditions.append(A.seen_at.is_(None))
    if after is not None:
        conditions.append(tuple_(A.event_timestamp, A.id) < tuple(after))
    statement = (
        _alerts(profile_id).where(*conditions).order_by(A.event_timestamp.desc(), A.id.desc()).limit(limit)
    )
    return [_alert(row) for row in tx.rows(statement)]


def find(tx: Transaction, profile_id: UUID, alert_id: UUID) -> Alert:
    """One alert of the profile; raises NotFound."""
    row = tx.first(_alerts(profile_id).where(A.id == alert_id))
    if row is None:
        raise NotFound("There is no such alert.")
    return _alert(row)


def unseen(tx: Transaction, profile_id: UUID) -> int:
    """How many alerts nobody has acknowledged."""
    statement = select(func.count()).where(A.profile_id == profile_id, A.seen_at.is_(None))
    return int(tx.value(statement))


def state(tx: Transaction, profile_id: UUID) -> dict[str, Any]:
    """What changes with every change of the list: how many are `unseen`, the `newest` visit (ISO 8601), and
    how many networks are `muted`."""
    muted = select(func.count()).where(M.profile_id == profile_id).scalar_subquery()
    newest = select(func.max(A.event_timestamp)).where(A.profile_id == profile_id).scalar_subquery()
    many = select(func.count()).where(A.profile_id == profile_id, A.seen_at.is_(None)).scalar_subquery()
    row = tx.first(select(many.label("unseen"), newest.label("newest"), muted.label("muted")))
    assert row is not None
    return {**row, "newest": row["newest"] and row["newest"].isoformat()}


def acknowledge(
    tx: Transaction, profile_id: UUID, at: datetime, alert_ids: Sequence[UUID] | None = None
) -> int:
    """Marks these alerts as seen, or with None all of the profile; returns how many were not yet."""
    these = [] if alert_ids is None else [A.id.in_(alert_ids)]
    many = tx.run(
        update(gov_alerts).where(A.profile_id == profile_id, A.seen_at.is_(None), *these).values(seen_at=at)
    )
    if many:
        audit.note(tx, profile_id, "alerts-acknowledged", at, "1 alert" if many == 1 else f"{many} alerts")
    return many


def forget(tx: Transaction, profile_id: UUID, at: datetime, *these: ColumnElement[bool]) -> int:
    """Takes back what `acknowledge` did at this instant; returns how many are unseen again."""
    own = (A.profile_id == profile_id, A.seen_at == at, *these)
    many = tx.run(update(gov_alerts).where(*own).values(seen_at=None))
    if many and not these:
        said = "1 alert was" if many == 1 else f"{many} alerts were"
        audit.note(tx, profile_id, "alerts-unacknowledged", None, said)
    return many


def _alerts(profile_id: UUID) -> Select[tuple[object, ...]]:
    return (
        select(*gov_alerts.c, M.network_id.is_not(None).label("is_muted"))
        .outerjoin(muted_networks, MUTED)
        .where(A.profile_id == profile_id)
    )


def _alert(row: RowMapping) -> Alert:
    names = (
        "profile_id", "network_id", "event_id", "address_hash", "kind", "organization", "asn", "country",
        "list_version", "seen_at", "is_muted",
    )  # fmt: skip
    return Alert(
        alert_id=row["id"],
        timestamp=row["event_timestamp"],
        ip=row["ip"] or None,
        confidence=round(row["confidence"], 4),
        reasons=tuple(row["reasons"]),
        **{name: row[name] for name in names},
    )
