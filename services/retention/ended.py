"""What has ended and is looked at no more: background tasks with their results, deliveries, the keys of
requests that nobody repeats any more, old records of runs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, func, select

from models.retention import Periods
from models.schema import alert_deliveries, idempotency_keys, jobs, retention_runs
from models.stores import Stores
from services.delivery.queue import WAITING
from services.jobs.ledger import OPEN
from services.retention.pieces import in_pieces
from services.retention.task import Counts, Task

J, D, R, K = jobs.c, alert_deliveries.c, retention_runs.c, idempotency_keys.c
PIECE = 1_000
RUNS_KEPT = timedelta(days=730)
"""How long it is known what retention did."""


def remove(stores: Stores, profile_id: UUID, at: datetime, periods: Periods, stopping: Event) -> Counts:
    """Removes what ended before its period. Raises Unavailable."""
    before = due(stores, profile_id, at, periods)
    for table, key, old in _old(profile_id, at, periods).values():
        in_pieces(partial(_piece, stores, table, key, old), stopping)
    return Counts(before, due(stores, profile_id, at, periods))


def due(stores: Stores, profile_id: UUID, at: datetime, periods: Periods) -> Mapping[str, int]:
    """How much there is of each by now."""
    with stores.database.transaction() as tx:
        return {
            name: int(tx.value(select(func.count()).select_from(table).where(*old)))
            for name, (table, _, old) in _old(profile_id, at, periods).items()
        }


_Old = tuple[Table, str, tuple[ColumnElement[bool], ...]]
"""A table, the column of its key beside the profile, and what is old in it."""


def _old(profile_id: UUID, at: datetime, periods: Periods) -> dict[str, _Old]:
    until = at - periods.jobs
    ended = (J.profile_id == profile_id, ~OPEN, J.finished_at < until)
    sent = (D.profile_id == profile_id, D.status != WAITING, D.finished_at < until)
    runs = (R.profile_id == profile_id, R.started_at < at - RUNS_KEPT)
    return {
        "jobs": (jobs, "job_id", ended),
        "deliveries": (alert_deliveries, "delivery_id", sent),
        "repeats": (idempotency_keys, "key", (K.profile_id == profile_id, K.created_at < until)),
        "runs": (retention_runs, "run_id", runs),
    }


def _piece(stores: Stores, table: Table, key: str, old: tuple[ColumnElement[bool], ...]) -> bool:
    some = select(table.c[key]).where(*old).limit(PIECE)
    # The condition on the profile stands in both: a table may be spread by it.
    with stores.database.transaction() as tx:
        return tx.run(delete(table).where(*old, table.c[key].in_(some))) == PIECE


TASK = Task(
    "ended",
    "Ended tasks removed",
    {
        "jobs": "background tasks",
        "deliveries": "deliveries of alerts",
        "repeats": "keys that repeated requests are known by",
        "runs": "records like this one",
    },
    remove,
    due,
)
