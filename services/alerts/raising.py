"""Raises alerts in the transaction that stores their events, and tells of those that are news."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on

from models.database import Transaction
from models.detection import Verdict
from models.ids import derived_id, new_id
from models.schema import gov_alerts, muted_networks, profile_events
from services.alerts.verdicts import Verdicts
from services.delivery import queue
from services.live.message import gov_alert
from services.live.outbox import announce, is_live

E, A, M = profile_events.c, gov_alerts.c, muted_networks.c
Row = Mapping[str, Any]
_Who = tuple[UUID, date, bytes]
"""Profile, local day and visitor."""


def raise_for(
    tx: Transaction, fresh: Sequence[Row], again: Sequence[Row], verdicts: Verdicts, received_at: datetime
) -> int:
    """Raises an alert for each visitor and day among the events `fresh`, which were stored just now, that
    has none yet; returns how many. `again` are events that were known before.

    What is older than a day, or was imported, is stored and nobody is told. An alert whose event came again
    is told again: whoever stored it may have died before it was told.
    """
    raised = _stored(tx, fresh, verdicts, received_at)
    for alert in raised:
        if alert["is_news"]:
            announce(tx, gov_alert(alert))
            queue.enqueue(tx, alert["profile_id"], alert["id"], received_at)
    for known in _raised_by(tx, [row for row in again if _is_government(row)]):
        if is_live(known["event_timestamp"], received_at):
            announce(tx, gov_alert(dict(known)))
    return len(raised)


def raise_silently(tx: Transaction, rows: Sequence[Row], verdicts: Verdicts, at: datetime) -> int:
    """The same for events that were stored long ago: nobody is told."""
    return len(_stored(tx, rows, verdicts, at))


def raised_by_import(tx: Transaction, profile_id: UUID, import_id: UUID) -> list[UUID]:
    """The alerts that events of this import raised, before it is taken back."""
    own = select(E.timestamp, E.id).where(E.profile_id == profile_id, E.import_id == import_id, E.is_gov_ip)
    statement = select(A.id).where(A.profile_id == profile_id, tuple_(A.event_timestamp, A.event_id).in_(own))
    return [row["id"] for row in tx.rows(statement)]


def take_back(tx: Transaction, profile_id: UUID, alert_ids: Sequence[UUID]) -> None:
    """Removes these alerts, whose events are gone; but where the same visitor left others on that day, it is
    the first of those that stands for the alert from now on."""
    if not alert_ids:
        return
    these = (A.profile_id == profile_id, A.id.in_(alert_ids))
    left = (
        select(
            E.visitor_key,
            E.local_date,
            E.id,
            E.timestamp,
            E.address_hash,
            func.host(E.ip_address).label("ip"),
        )
        .ext(distinct_on(E.visitor_key, E.local_date))
        .join(gov_alerts, (A.visitor_key == E.visitor_key) & (A.local_date == E.local_date))
        .where(*these, E.profile_id == profile_id, E.is_gov_ip, ~E.is_owner)
        .order_by(E.visitor_key, E.local_date, E.timestamp, E.id)
        .subquery()
    )
    moved = (
        update(gov_alerts)
        .where(*these, A.visitor_key == left.c.visitor_key, A.local_date == left.c.local_date)
        .values(
            event_id=left.c.id,
            event_timestamp=left.c.timestamp,
            ip=func.coalesce(left.c.ip, ""),
            address_hash=left.c.address_hash,
        )
        .returning(A.id)
    )
    kept = {row["id"] for row in tx.rows(moved)}
    tx.run(delete(gov_alerts).where(A.profile_id == profile_id, A.id.in_(set(alert_ids) - kept)))


def network_of(organization: str | None, asn: str | None) -> UUID:
    """What a network is known by: its organisation and its AS, as one AS can carry many organisations."""
    return derived_id("network", (organization or "").casefold(), asn or "")


def _stored(tx: Transaction, rows: Iterable[Row], verdicts: Verdicts, at: datetime) -> list[dict[str, Any]]:
    """The alerts that these events raise and that were not there, as stored, with `is_news`."""
    first: dict[_Who, dict[str, Any]] = {}
    for row in sorted(filter(_is_government, rows), key=lambda row: (row["timestamp"], row["id"])):
        first.setdefault(_who(row), _alert(row, verdicts[row["ip_address"]], at))
    if not first:
        return []
    known = {_who(dict(alert)) for alert in tx.rows(select(gov_alerts).where(_of(first)))}
    muted = _muted(tx, {profile_id for profile_id, _, _ in first})
    raised = [
        alert
        for who, alert in first.items()
        if who not in known and (alert["profile_id"], alert["network_id"]) not in muted
    ]
    columns = [{name: alert[name] for name in alert if name != "is_news"} for alert in raised]
    tx.insert_new(gov_alerts, columns)
    return raised


def _who(row: Row) -> _Who:
    return row["profile_id"], row["local_date"], row["visitor_key"]


def _of(who: Iterable[_Who]) -> ColumnElement[bool]:
    """The alerts of these visitors and days. Each profile has one writer at a time."""
    return tuple_(A.profile_id, A.local_date, A.visitor_key).in_(list(who))


def _is_government(row: Row) -> bool:
    return bool(row["is_gov_ip"]) and not row["is_owner"]


def _alert(row: Row, verdict: Verdict, at: datetime) -> dict[str, Any]:
    return {
        "profile_id": row["profile_id"],
        "id": new_id(),
        "local_date": row["local_date"],
        "visitor_key": row["visitor_key"],
        "network_id": network_of(verdict.organization, verdict.asn),
        "event_id": row["id"],
        "event_timestamp": row["timestamp"],
        "ip": row["ip_address"],
        "confidence": verdict.confidence,
        "kind": verdict.kind and str(verdict.kind),
        "organization": verdict.organization,
        "asn": verdict.asn,
        "country": verdict.country,
        "reasons": list(verdict.reasons),
        "list_version": verdict.list_version,
        "created_at": at,
        "is_news": row["import_id"] is None and is_live(row["timestamp"], at),
    }


def _muted(tx: Transaction, profile_ids: set[UUID]) -> set[tuple[UUID, UUID]]:
    statement = select(M.profile_id, M.network_id).where(M.profile_id.in_(profile_ids))
    return {(row["profile_id"], row["network_id"]) for row in tx.rows(statement)}


def _raised_by(tx: Transaction, rows: Sequence[Row]) -> Sequence[RowMapping]:
    """The alerts that these very events raised."""
    if not rows:
        return []
    own = {(row["profile_id"], row["id"]) for row in rows}
    alerts = tx.rows(select(gov_alerts).where(_of(map(_who, rows))))
    return [alert for alert in alerts if (alert["profile_id"], alert["event_id"]) in own]
