"""Addresses and user agents, which tell who came, become what only tells them apart.

An address becomes a hash under the key of the quarter in which it was received, a user agent the name of
its program. What was made of them before stays: the visitor, the verdict of the detection, country, device.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from threading import Event
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Rows, Transaction
from models.keys import Keys, Quarter
from models.retention import Periods
from models.schema import gov_alerts, profile_events
from models.stores import Stores
from services.ingest.agents import describe
from services.ingest.visitors import address_hash
from services.retention.pieces import in_pieces
from services.retention.task import Counts, Task

E, A = profile_events.c, gov_alerts.c
PIECE = 1_000
"""Events in one transaction, for whose end all other writers of their profile wait."""
UNREDUCED = and_(E.reduced_at.is_(None), or_(E.ip_address.is_not(None), E.user_agent.is_not(None)))
"""The condition of the index that finds them."""


def reduce(stores: Stores, profile_id: UUID, at: datetime, periods: Periods, stopping: Event) -> Counts:
    """Reduces what was received before the period of addresses, and takes such messages off the live stream.
    Raises Unavailable, Busy and RedisError; what was done until then is done."""
    until = at - periods.addresses
    before = due(stores, profile_id, at, periods)
    in_pieces(partial(_events, stores, profile_id, until, at), stopping)
    in_pieces(partial(_alerts, stores, profile_id, until), stopping)
    stores.feed.forget(profile_id, until)
    return Counts(before, due(stores, profile_id, at, periods))


def due(stores: Stores, profile_id: UUID, at: datetime, periods: Periods) -> Mapping[str, int]:
    """How much there is of each by now."""
    until = at - periods.addresses
    events = (
        select(func.count(E.ip_address).label("addresses"), func.count(E.user_agent).label("agents"))
        .where(E.profile_id == profile_id, UNREDUCED, E.received_at < until)
    )  # fmt: skip
    with stores.database.transaction() as tx:
        found = tx.first(events)
        assert found is not None
        alerts = int(tx.value(select(func.count()).where(*_old_alerts(profile_id, until))))
    return {**found, "alerts": alerts, "live": stores.feed.older(profile_id, until)}


def is_left(tx: Transaction, profile_id: UUID, quarter: Quarter) -> bool:
    """Whether anything of the profile that was received in this quarter, or before, still tells who came."""
    events = select(1).where(E.profile_id == profile_id, UNREDUCED, E.received_at < quarter.end)
    alerts = select(1).where(*_old_alerts(profile_id, quarter.end))
    return bool(tx.value(select(or_(events.exists(), alerts.exists()))))


def _events(stores: Stores, profile_id: UUID, until: datetime, at: datetime) -> bool:
    """Reduces a piece of the events, and the alerts that they raised; says whether there may be more."""
    rows_of = (
        select(E.timestamp, E.id, E.received_at, E.user_agent, func.host(E.ip_address).label("ip"))
        .where(E.profile_id == profile_id, UNREDUCED, E.received_at < until)
        .order_by(E.received_at)
        .limit(PIECE)
    )
    with stores.database.transaction() as tx:
        tx.lock_profile(profile_id)
        rows = tx.rows(rows_of)
        if rows:
            _reduce(tx, stores.keys, profile_id, rows, at)
    return len(rows) == PIECE


def _reduce(tx: Transaction, keys: Keys, profile_id: UUID, rows: Rows, at: datetime) -> None:
    hashes = _hashes(keys, profile_id, rows)
    families = [row["user_agent"] and describe(row["user_agent"]).family for row in rows]
    times = [row["timestamp"] for row in rows]
    columns: dict[str, tuple[Any, list[Any]]] = {
        "timestamp": (DateTime(timezone=True), times),
        "id": (Uuid(), [row["id"] for row in rows]),
        "hash": (LargeBinary(), hashes),
        "family": (Text(), families),
    }
    given = (
        func.unnest(*(literal(values, ARRAY(kind)) for kind, values in columns.values()))
        .table_valued(*columns, name="given")
        .render_derived()
    )
    tx.run(
        update(profile_events)
        .where(
            E.profile_id == profile_id,
            E.timestamp.between(min(times), max(times)),
            E.timestamp == given.c.timestamp,
            E.id == given.c.id,
        )
        .values(ip_address=None, address_hash=given.c.hash, user_agent=given.c.family, reduced_at=at)
    )
    # By their events, not by their own time: one that a later list has found came long after its event.
    tx.run(
        update(gov_alerts)
        .where(
            A.profile_id == profile_id,
            A.ip != "",
            A.event_timestamp.between(min(times), max(times)),
            A.event_timestamp == given.c.timestamp,
            A.event_id == given.c.id,
        )
        .values(ip="", address_hash=given.c.hash)
    )


def _alerts(stores: Stores, profile_id: UUID, until: datetime) -> bool:
    """The same for alerts whose event is gone, or had no address of its own."""
    with stores.database.transaction() as tx:
        tx.lock_profile(profile_id)
        old = select(A.id, A.ip, A.created_at.label("received_at")).where(*_old_alerts(profile_id, until))
        rows = tx.rows(old.limit(PIECE))
        for row, made in zip(rows, _hashes(stores.keys, profile_id, rows), strict=True):
            one = (A.profile_id == profile_id, A.id == row["id"])
            tx.run(update(gov_alerts).where(*one).values(ip="", address_hash=made))
    return len(rows) == PIECE


def _old_alerts(profile_id: UUID, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return A.profile_id == profile_id, A.ip != "", A.created_at < until


def _hashes(keys: Keys, profile_id: UUID, rows: Rows) -> list[bytes | None]:
    """One for each row; None where there is no address, or the key of its quarter is no more."""
    known = keys.visitors()
    found = ((row["ip"], known.get(Quarter.of(row["received_at"]))) for row in rows)
    return [address_hash(key, profile_id, ip) if ip and key else None for ip, key in found]


TASK = Task(
    "addresses",
    "Addresses made unreadable",
    {
        "addresses": "addresses of visits",
        "agents": "user agents",
        "alerts": "addresses in alerts",
        "live": "live messages",
    },
    reduce,
    due,
)
