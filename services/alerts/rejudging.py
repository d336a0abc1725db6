"""Judges again what still has its address, after the lists have changed."""

from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any
from uuid import UUID

from sqlalchemy import REAL, Boolean, DateTime, Text, Uuid, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Rows, Transaction
from models.detection import Detection
from models.errors import AppError
from models.schema import profile_events
from models.stores import Stores
from services.alerts.raising import raise_silently
from services.alerts.verdicts import judged, kept

BATCH = 5_000
E = profile_events.c
_VERDICT = ("is_gov_ip", "gov_confidence", "gov_list_version")
_TYPES = (Boolean, REAL, Text)


class NotDetecting(AppError):
    """Government detection is turned off; GOV_DETECTION_ENABLED=true turns it on."""

    code = "detection-off"
    title = "Detection is off"


@dataclass(frozen=True)
class Rejudged:
    """How many events still had their address, how many got another verdict (is a government's or not),
    and how many alerts that raised."""

    events: int = 0
    changed: int = 0
    alerts: int = 0

    def __add__(self, other: "Rejudged") -> "Rejudged":
        return Rejudged(self.events + other.events, self.changed + other.changed, self.alerts + other.alerts)


def rejudge(stores: Stores, profile_id: UUID, at: datetime) -> Rejudged:
    """Judges the profile's events again, a batch at a time, so that others get their turn. An alert for
    what is found now is stored and not sent; alerts that were raised stay, as they were told.

    What nobody can judge now keeps the verdict it had. Raises NotDetecting.
    """
    if stores.detection is None:
        raise NotDetecting(NotDetecting.__doc__)
    done, last = Rejudged(), None
    while True:
        with stores.database.transaction() as tx:
            tx.lock_profile(profile_id)
            rows = _batch(tx, profile_id, last)
            done += _judge(tx, stores.detection, rows, at)
        if len(rows) < BATCH:
            return done
        last = rows[-1]["timestamp"], rows[-1]["id"]


def _batch(tx: Transaction, profile_id: UUID, after: tuple[datetime, UUID] | None) -> Rows:
    columns = (
        E.profile_id, E.timestamp, E.id, E.local_date, E.visitor_key, E.is_owner, E.import_id,
        *(E[name] for name in _VERDICT),
    )  # fmt: skip
    statement = (
        select(*columns, func.host(E.ip_address).label("ip_address"))
        .where(E.profile_id == profile_id, E.ip_address.is_not(None))
        .order_by(E.timestamp, E.id)
        .limit(BATCH)
    )
    if after is not None:
        statement = statement.where(tuple_(E.timestamp, E.id) > after)
    return tx.rows(statement)


def _judge(tx: Transaction, detection: Detection, rows: Rows, at: datetime) -> Rejudged:
    verdicts = judged(detection, (row["ip_address"] for row in rows))
    differ: list[dict[str, Any]] = []
    changed = 0
    for row in rows:
        verdict = kept(detection, verdicts[row["ip_address"]])
        if verdict["is_gov_ip"] is None or all(_same(row[name], verdict[name]) for name in _VERDICT):
            continue
        changed += verdict["is_gov_ip"] != row["is_gov_ip"]
        differ.append({**row, **verdict})
    if differ:
        _replace(tx, differ)
    return Rejudged(len(rows), changed, raise_silently(tx, differ, verdicts, at))


def _same(stored: Any, judged: Any) -> bool:
    """Confidences are stored with seven digits."""
    if isinstance(judged, float) and stored is not None:
        return isclose(stored, judged, abs_tol=1e-6)
    return bool(stored == judged)


def _replace(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    types = dict(zip(_VERDICT, _TYPES, strict=True))
    of = {
        "timestamp": DateTime(timezone=True),
        "id": Uuid(),
        **{name: kind() for name, kind in types.items()},
    }
    lists = [literal([row[name] for row in rows], ARRAY(kind)) for name, kind in of.items()]
    given = func.unnest(*lists).table_valued(*of, name="given").render_derived()
    times = [row["timestamp"] for row in rows]
    tx.run(
        update(profile_events)
        .where(
            E.profile_id == rows[0]["profile_id"],
            E.timestamp.between(min(times), max(times)),
            E.timestamp == given.c.timestamp,
            E.id == given.c.id,
        )
        .values({name: given.c[name] for name in _VERDICT})
    )
