"""The record of each run: when, of which task, what was there before and after, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from models.database import Transaction
from models.ids import new_id
from models.schema import retention_runs
from services.retention.task import Counts

R = retention_runs.c
BROKE_OFF = "It broke off; what was left is done by the next run."


@dataclass(frozen=True)
class Run:
    """One run of a task for a profile. Instants are aware UTC; `finished_at` is None while it runs.

    `before` and `after` count what had passed its period by the names of the task's `counted`, but for what
    was not there at all; both are empty where the run found nothing, or did not get so far. `problem` says in
    a sentence why it failed, None when it did not.
    """

    run_id: UUID
    profile_id: UUID
    task: str
    started_at: datetime
    finished_at: datetime | None
    before: Mapping[str, int]
    after: Mapping[str, int]
    problem: str | None

    @property
    def is_good(self) -> bool:
        """Whether it has ended well."""
        return self.finished_at is not None and self.problem is None


def begin(tx: Transaction, profile_id: UUID, task: str, at: datetime) -> UUID:
    """Records that a run begins; returns its id. One that began before and never ended broke off: the caller
    is the only one that works on the profile."""
    open_ones = (R.profile_id == profile_id, R.task == task, R.finished_at.is_(None))
    tx.run(update(retention_runs).where(*open_ones).values(finished_at=at, problem=BROKE_OFF))
    run_id = new_id()
    tx.run(insert(retention_runs).values(profile_id=profile_id, run_id=run_id, task=task, started_at=at))
    return run_id


def end(
    tx: Transaction, profile_id: UUID, run_id: UUID, at: datetime, counts: Counts | None, problem: str | None
) -> None:
    """Records how it ended; of the counts those that are not 0."""
    told = _told(counts) if counts else {}
    this = (R.profile_id == profile_id, R.run_id == run_id)
    tx.run(update(retention_runs).where(*this).values(finished_at=at, problem=problem, **told))


def note(tx: Transaction, profile_id: UUID, task: str, at: datetime, counts: Counts) -> None:
    """Records something that was done for all profiles at once."""
    end(tx, profile_id, begin(tx, profile_id, task, at), at, counts, None)


def last_good(tx: Transaction, profile_id: UUID) -> dict[str, datetime]:
    """When each task last began a run that ended well."""
    good = (R.profile_id == profile_id, R.finished_at.is_not(None), R.problem.is_(None))
    statement = select(R.task, func.max(R.started_at).label("at")).where(*good).group_by(R.task)
    return {row["task"]: row["at"] for row in tx.rows(statement)}


def newest(tx: Transaction, profile_id: UUID) -> list[Run]:
    """The newest run of each task."""
    own = select(retention_runs).where(R.profile_id == profile_id)
    each = own.ext(distinct_on(R.task)).order_by(R.task, R.started_at.desc(), R.run_id.desc())
    return [_run(row) for row in tx.rows(each)]


def telling(tx: Transaction, profile_id: UUID, most: int = 50) -> list[Run]:
    """The newest runs that found something to do or failed; the newest first."""
    found = or_(R.problem.is_not(None), R.before != literal({}, JSONB))
    own = select(retention_runs).where(R.profile_id == profile_id, found)
    rows = tx.rows(own.order_by(R.started_at.desc(), R.run_id.desc()).limit(most))
    return [_run(row) for row in rows]


def _told(counts: Counts) -> dict[str, dict[str, int]]:
    names = [name for name in counts.before if counts.before[name] or counts.after.get(name)]
    return {
        "before": {name: counts.before[name] for name in names},
        "after": {name: counts.after.get(name, 0) for name in names},
    }


def _run(row: RowMapping) -> Run:
    counts = {name: row[name] or {} for name in ("before", "after")}
    return Run(**{name: row[name] for name in Run.__dataclass_fields__} | counts)
