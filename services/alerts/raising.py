"""Raises alerts in the transaction that stores their events, and tells of those that are news."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on

from models.database import Transaction
from models.detection import Verdict
from models.ids import derived_id
from models.schema import gov_alerts, muted_networks, profile_events
from services.alerts.verdicts import Verdicts
from services.delivery import queue
from services.live.message import gov_alert
from services.live.outbox import announce, is_live

E, A, M = profile_events.c, gov_alerts.c, muted_networks.c
Row = Mapping[str, Any]


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
            announce(tx, gov_alert(known))
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
        select(E.visitor_key, E.local_date, E.id, E.timestamp, func.host(E.ip_address).label("ip"))
        .ext(distinct_on(E.visitor_key, E.local_date))
        .join(gov_alerts, (A.visitor_key == E.visitor_key) & (A.local_date == E.local_date))
        .where(*these, E.profile_id == profile_id, E.is_gov_ip, ~E.is_owner)
        .order_by(E.visitor_key, E.local_date, E.timestamp, E.id)
        .subquery()
    )
    moved = (
        update(gov_alerts)
        .where(*these, A.visitor_key == left.c.visitor_key, A.local_date == left.c.local_date)
        .values(event_id=left.c.id, event_timestamp=left.c.timestamp, ip=func.coalesce(left.c.ip, A.ip))
        .returning(A.id)
    )
    kept = {row["id"] for row in tx.rows(moved)}
    tx.run(delete(gov_alerts).where(A.profile_id == profile_id, A.id.in_(set(alert_ids) - kept)))


def network_of(organization: str | None, asn: str | None) -> UUID:
    """What a network is known by: its organisation and its AS, as one AS can carry many organisations."""
    return derived_id("network", (organization or "").casefold(), asn or "")


def _stored(tx: Transaction, rows: Iterable[Row], verdicts: Verdicts, at: datetime) -> list[dict[str, Any]]:
    """The alerts that these events raise and that were not there, as stored, with `is_news`."""
    first: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for row in sorted(filter(_is_government, rows), key=lambda row: (row["timestamp"], row["id"])):
        alert = _alert(row, verdicts[row["ip_address"]], at)
        first.setdefault((alert["profile_id"], alert["id"]), alert)
    if not first:
        return []
    muted = _muted(tx, {profile_id for profile_id, _ in first})
    heard = [one for one in first.values() if (one["profile_id"], one["network_id"]) not in muted]
    news = {one["id"]: one.pop("is_news") for one in heard}
    return [
        {**first[row["profile_id"], row["id"]], "is_news": news[row["id"]]}
        for row in tx.insert_new(gov_alerts, heard)
    ]


def _is_government(row: Row) -> bool:
    return bool(row["is_gov_ip"]) and not row["is_owner"]


def _alert(row: Row, verdict: Verdict, at: datetime) -> dict[str, Any]:
    return {
        "profile_id": row["profile_id"],
        "id": _alert_id(row["visitor_key"], row["local_date"]),
        "local_date": row["local_date"],
        "visitor_key": row["visitor_key"],
        "network_id": network_of(verdict.organization, verdict.asn),
        "event_id": row["id"],
        "event_timestamp": row["timestamp"],
        "ip": row["ip_address"],
        "confidence": verdict.confidence,
        "kind": verdict.kind,
        "organization": verdict.organization,
        "asn": verdict.asn,
        "country": verdict.country,
        "reasons": list(verdict.reasons),
        "list_version": verdict.list_version,
        "created_at": at,
        "is_news": row["import_id"] is None and is_live(row["timestamp"], at),
    }


def _alert_id(visitor_key: bytes, day: date) -> UUID:
    """The same for whatever the visitor does on that day."""
    return derived_id("gov-alert", visitor_key.hex(), day.isoformat())


def _muted(tx: Transaction, profile_ids: set[UUID]) -> set[tuple[UUID, UUID]]:
    statement = select(M.profile_id, M.network_id).where(M.profile_id.in_(profile_ids))
    return {(row["profile_id"], row["network_id"]) for row in tx.rows(statement)}


def _raised_by(tx: Transaction, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The alerts that these very events raised."""
    found: list[RowMapping] = []
    for row in rows:
        own = (A.profile_id == row["profile_id"], A.id == _alert_id(row["visitor_key"], row["local_date"]))
        found += tx.rows(select(gov_alerts).where(*own, A.event_id == row["id"]))
    return [dict(alert) for alert in found]
