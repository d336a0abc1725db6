"""The one door in for events: REST, domain events, log imports and the demo all come through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, bindparam, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction
from models.errors import InvalidInput, Problem
from models.ids import new_id
from models.schema import profile_events
from models.stores import Stores
from services import profiles
from services.ingest.agents import describe
from services.ingest.inputs import Event
from services.ingest.referrers import source_of
from services.ingest.visitors import visitor_key
from services.profiles import Profile
from services.rollups import traffic

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LEAD = timedelta(minutes=10)
"""How far a sender's clock may be ahead of ours."""

E = profile_events.c


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: `ids` in its order; `bots` of those `stored` are programs;
    `duplicates` were known already, `raised` of them got a longer visible time."""

    ids: tuple[UUID, ...]
    stored: int
    bots: int
    duplicates: int
    raised: int


def store(
    stores: Stores, events: Sequence[Event], received_at: datetime, import_id: UUID | None = None
) -> Outcome:
    """Stores the events with their rollups in one transaction: all of them, or InvalidInput that
    names each bad one (`/events/<index>/...`). An event whose key is known counts once."""
    check_times(events, received_at)
    stores.database.ensure_partitions([event.timestamp or received_at for event in events])
    with stores.database.transaction() as tx:
        wanted = sorted({event.profile_id for event in events})
        known = {profile_id: profiles.get(tx, profile_id) for profile_id in wanted}
        rows = [_row(stores, known[event.profile_id], event, received_at, import_id) for event in events]
        stored = bots = raised = 0
        for profile_id in wanted:
            tx.lock_profile(profile_id)
            own = [row for row in rows if row["profile_id"] == profile_id]
            fresh, longer = _store(tx, profile_id, own, received_at)
            stored += len(fresh)
            bots += sum(row["is_bot"] for row in fresh)
            raised += longer
    return Outcome(tuple(row["id"] for row in rows), stored, bots, len(rows) - stored, raised)


def remove_import(tx: Transaction, profile_id: UUID, import_id: UUID, at: datetime) -> int:
    """Takes back every event of the import and recounts the profile; returns how many there were."""
    tx.lock_profile(profile_id)
    removed = tx.run(profile_events.delete().where(E.profile_id == profile_id, E.import_id == import_id))
    if removed:
        traffic.rebuild(tx, profile_id, at)
    return removed


def check_times(events: Sequence[Event], now: datetime) -> None:
    """Raises InvalidInput that names every event from the future or from before 1990."""
    problems = []
    for index, event in enumerate(events):
        at = event.timestamp
        if at is not None and at > now + LEAD:
            problems.append(Problem(f"/events/{index}/timestamp", "It lies in the future."))
        elif at is not None and at < EARLIEST:
            problems.append(Problem(f"/events/{index}/timestamp", "It lies before 1990."))
    if problems:
        raise InvalidInput(
            f"{len(problems)} of {len(events)} events can't be taken; nothing was stored.", tuple(problems)
        )


def _row(
    stores: Stores, profile: Profile, event: Event, received_at: datetime, import_id: UUID | None
) -> dict[str, Any]:
    at = event.timestamp or received_at
    agent = describe(event.user_agent)
    source = source_of(event.referrer, event.url, frozenset(profile.own_hosts))
    visible = event.duration_seconds
    key = stores.keys.visitor(received_at)
    return {
        "profile_id": profile.profile_id,
        "timestamp": at,
        "id": event.id or new_id(),
        "event_type": event.event_type,
        "local_date": profile.local_date(at),
        "visitor_key": visitor_key(key, profile.profile_id, event.visitor_id, event.ip, event.user_agent),
        "ip_address": event.ip,
        "user_agent": event.user_agent,
        "referrer": event.referrer,
        "referrer_source": source.name,
        "utm_source": source.utm_source,
        "utm_medium": source.utm_medium,
        "utm_campaign": source.utm_campaign,
        "country": event.country,
        "device": None if agent.is_bot or event.user_agent is None else agent.device,
        "url": event.url,
        "target": event.target,
        "visible_ms": None if visible is None else round(visible * 1000),
        "is_bot": agent.is_bot,
        "is_owner": event.is_owner,
        "import_id": import_id,
        "received_at": received_at,
    }


def _store(
    tx: Transaction, profile_id: UUID, rows: Sequence[dict[str, Any]], received_at: datetime
) -> tuple[list[dict[str, Any]], int]:
    """The rows that were new, and how many known ones got a longer visible time."""
    once = _once(rows)
    fresh = {(row["timestamp"], row["id"]) for row in tx.insert_new(profile_events, once)}
    if fresh:
        traffic.add(tx, profile_id, _these(profile_id, fresh), received_at)
    timed = {
        (row["timestamp"], row["id"]): row["visible_ms"]
        for row in sorted(rows, key=lambda row: row["visible_ms"] or 0)
        if row["visible_ms"] is not None
    }
    new = [row for row in once if (row["timestamp"], row["id"]) in fresh]
    return new, _raise_times(tx, profile_id, timed, received_at)


def _once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per key: the first."""
    return list({(row["timestamp"], row["id"]): row for row in reversed(rows)}.values())[::-1]


def _raise_times(
    tx: Transaction, profile_id: UUID, timed: dict[tuple[datetime, UUID], int], received_at: datetime
) -> int:
    """A later, longer visible time of a known event replaces the stored one; the rollups follow."""
    if not timed:
        return 0
    stored = tx.rows(select(E.timestamp, E.id, E.visible_ms).where(_these(profile_id, timed)))
    longer = {
        key: timed[key]
        for row in stored
        if timed[key := (row["timestamp"], row["id"])]
        > (-1 if row["visible_ms"] is None else row["visible_ms"])
    }
    if not longer:
        return 0
    changed = _these(profile_id, longer)
    traffic.PERFORMANCE.add(tx, changed, received_at, sign=-1)
    statement = (
        update(profile_events)
        .where(E.profile_id == profile_id, E.timestamp == bindparam("at"), E.id == bindparam("event"))
        .values(visible_ms=bindparam("visible"))
    )
    tx.run(statement, [{"at": at, "event": event, "visible": ms} for (at, event), ms in longer.items()])
    traffic.PERFORMANCE.add(tx, changed, received_at)
    return len(longer)


def _these(
    profile_id: UUID, keys: "set[tuple[datetime, UUID]] | dict[tuple[datetime, UUID], int]"
) -> ColumnElement[bool]:
    """The events with these (timestamp, id) keys; the bounds let PostgreSQL leave other months alone."""
    times = [at for at, _ in keys]
    ids = [event for _, event in keys]
    listed = (
        func.unnest(literal(times, ARRAY(DateTime(timezone=True))), literal(ids, ARRAY(Uuid)))
        .table_valued("timestamp", "id")
        .render_derived()
    )
    return (
        (E.profile_id == profile_id)
        & E.timestamp.between(min(times), max(times))
        & tuple_(E.timestamp, E.id).in_(select(listed.c.timestamp, listed.c.id))
    )
