"""The jobs of each profile: what was asked for, and how far it is. The table is the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, case, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from models.database import Database, Transaction
from models.errors import Conflict, NotFound
from models.ids import new_id
from models.schema import jobs

J = jobs.c
MOST_WAITING = 20
"""Jobs of one profile that may wait or run at a time."""


@dataclass(frozen=True)
class Job:
    """A long task of a profile. `kind` is "import-transactions", "import-costs", "rebuild", "change" or
    "export", `title` what it is called for a person, `asked` what it needs to know.

    `status` is "queued", "running", "done" (then `result` holds its outcome), "failed" (then `problem`
    says why in a sentence, and nothing was changed) or "cancelled" (nothing was changed). Of `total` rows
    or steps `done` are through; both are 0 until their number is known. Times are aware UTC.
    """

    profile_id: UUID
    job_id: UUID
    kind: str
    title: str
    asked: Mapping[str, Any]
    status: str
    done: int
    total: int
    result: Mapping[str, Any] | None
    problem: str | None
    asked_by: str
    cancel_requested: bool
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ("queued", "running")


def add(
    tx: Transaction,
    profile_id: UUID,
    kind: str,
    title: str,
    asked_by: str,
    at: datetime,
    asked: Mapping[str, Any] | None = None,
    file: bytes | None = None,
) -> Job:
    """Queues a job.

    Raises Conflict where the profile has one already that counts everything again, and this is another,
    or where too many wait.
    """
    waiting = tx.value(select(func.count()).where(J.profile_id == profile_id, OPEN))
    if waiting >= MOST_WAITING:
        raise Conflict(f"{waiting} tasks of this profile are waiting already; wait until some have ended.")
    job_id = new_id()
    added = tx.first(
        insert(jobs)
        .values(
            profile_id=profile_id,
            job_id=job_id,
            kind=kind,
            title=title,
            asked=dict(asked or {}),
            file=file,
            status="queued",
            asked_by=asked_by,
            created_at=at,
        )
        .on_conflict_do_nothing()
        .returning(*_COLUMNS)
    )
    if added is None:
        raise Conflict(_COUNTING[kind])
    return _job(added)


def find(tx: Transaction, profile_id: UUID, job_id: UUID) -> Job:
    """The job of the profile; raises NotFound, also when it is another's."""
    row = tx.first(select(*_COLUMNS).where(_this(profile_id, job_id)))
    if row is None:
        raise NotFound("There is no such task.")
    return _job(row)


def listing(tx: Transaction, profile_id: UUID, most: int = 20) -> list[Job]:
    """The profile's jobs, the newest first."""
    mine = select(*_COLUMNS).where(J.profile_id == profile_id)
    return [_job(row) for row in tx.rows(mine.order_by(J.job_id.desc()).limit(most))]


def newest(tx: Transaction, profile_id: UUID, kind: str) -> Job | None:
    """The profile's newest job of this kind, None when there was none."""
    of_kind = select(*_COLUMNS).where(J.profile_id == profile_id, J.kind == kind)
    row = tx.first(of_kind.order_by(J.job_id.desc()).limit(1))
    return None if row is None else _job(row)


def waiting(database: Database) -> list[Job]:
    """Every job that waits, or runs as far as the table knows; the oldest first."""
    with database.transaction() as tx:
        return [_job(row) for row in tx.rows(select(*_COLUMNS).where(OPEN).order_by(J.job_id))]


def file_of(database: Database, job: Job) -> bytes:
    """The file that the job imports. Raises NotFound when there is none (any more)."""
    with database.transaction() as tx:
        content = tx.value(select(J.file).where(_this(job.profile_id, job.job_id)))
    if content is None:
        raise NotFound("The file is not there any more; choose it again.")
    return bytes(content)


def begin(database: Database, job: Job, at: datetime) -> Job | None:
    """Marks it as running, for whoever holds its lock; None when it has ended meanwhile."""
    begun = {"status": "running", "done": 0, "total": 0, "attempts": J.attempts + 1}
    return _change(database, job, begun | {"started_at": func.coalesce(J.started_at, at)})


def tell(database: Database, job: Job, done: int, total: int) -> Job | None:
    """Says how far it is; None when it has ended."""
    return _change(database, job, {"done": done, "total": total})


def put_back(database: Database, job: Job, status: str) -> Job | None:
    """Lets it be begun again, as if it had not been: "queued", or "running" where what is left of it has to
    be taken back first. None when it has ended."""
    return _change(database, job, {"status": status, "done": 0, "total": 0, "attempts": job.attempts - 1})


def end(
    database: Database,
    job: Job,
    status: str,
    at: datetime,
    *,
    result: Mapping[str, Any] | None = None,
    problem: str | None = None,
) -> Job | None:
    """Ends it as "done", "failed" or "cancelled"; its file goes. None when it had ended already."""
    ended: dict[str, Any] = {"status": status, "problem": problem, "finished_at": at, "file": null()}
    if status == "done":
        ended |= {"result": dict(result or {}), "done": J.total}
    return _change(database, job, ended)


def ask_to_cancel(database: Database, profile_id: UUID, job_id: UUID, at: datetime) -> Job:
    """Cancels it at once where it waits; where it runs, whoever runs it learns that it is to end.

    Raises NotFound, also when it is another's, and Conflict when it has ended.
    """
    waits = J.status == "queued"
    asked = {
        "cancel_requested": True,
        "status": case((waits, "cancelled"), else_=J.status),
        "finished_at": case((waits, at), else_=null()),
        "file": case((waits, null()), else_=J.file),
    }
    with database.transaction() as tx:
        known = find(tx, profile_id, job_id)
        row = tx.first(update(jobs).where(_this(profile_id, job_id), OPEN).values(asked).returning(*_COLUMNS))
    if row is None:
        raise Conflict(f"{known.title} has ended already.")
    return _job(row)


OPEN = J.status.in_(["queued", "running"])
_COLUMNS = tuple(J[name] for name in Job.__dataclass_fields__)
_COUNTING = {
    "change": "A change of time zone or currency is running; wait for its end.",
    "rebuild": "Everything is being counted again already; wait for its end.",
}


def _this(profile_id: UUID, job_id: UUID) -> ColumnElement[bool]:
    return (J.profile_id == profile_id) & (J.job_id == job_id)


def _change(database: Database, job: Job, values: Mapping[str, Any]) -> Job | None:
    """Only while it is open: what has ended stays as it ended."""
    statement = update(jobs).where(_this(job.profile_id, job.job_id), OPEN).values(dict(values))
    with database.transaction() as tx:
        row = tx.first(statement.returning(*_COLUMNS))
    return None if row is None else _job(row)


def _job(row: RowMapping) -> Job:
    return Job(**{name: row[name] for name in Job.__dataclass_fields__})
