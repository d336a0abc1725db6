"""Carries jobs out, one after another; several workers share them.

Whoever carries a job out holds its lock, and that of the profile's jobs, for as long as a transaction is
open. Who finds the lock of a running job free knows that its process died.
"""

import logging
import threading
import time
from contextlib import suppress
from uuid import UUID

from models.clock import now
from models.errors import AppError, Busy, InvalidInput, Unavailable
from models.ids import derived_id
from models.stores import Stores
from services.imports import ledger as imports
from services.jobs import ledger
from services.jobs.ledger import Job
from services.jobs.telling import tell, wait
from services.jobs.work import WORK, Report

MOST_ATTEMPTS = 5
"""After so many processes have died over it, a job is given up."""
_LOOK = 1.0
"""Seconds after which an idle worker looks for jobs, whether it was woken or not."""
_PAUSE = 0.34
"""Seconds between two words on the progress."""
_BROKE_OFF = "It broke off; nothing was changed."
_GIVEN_UP = f"It broke off {MOST_ATTEMPTS} times and was given up; nothing was changed."

_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked for the end of the job."""


class Interrupted(Exception):
    """The process is to end; another one begins the job again."""


def run(stores: Stores, stopping: threading.Event) -> None:
    """The duty of a worker: carries out what waits, until it is told to stop. Raises Unavailable while the
    database is away."""
    while not stopping.is_set():
        if not one(stores, stopping):
            wait(stores, stopping, _LOOK)


def one(stores: Stores, stopping: threading.Event | None = None) -> bool:
    """Carries out the oldest job that nobody else is at; returns whether there was one."""
    return any(_attempt(stores, job, stopping) for job in ledger.waiting(stores.database))


def here(stores: Stores, job: Job, report: Report = lambda done, total: None) -> Job:
    """Carries the job out in this process, or looks on while a worker does; returns it when it has ended."""
    while job.is_open:
        if not _attempt(stores, job, None, report):
            time.sleep(_PAUSE)
        with stores.database.transaction() as tx:
            job = ledger.find(tx, job.profile_id, job.job_id)
        report(job.done, job.total)
    return job


def _attempt(
    stores: Stores, job: Job, stopping: threading.Event | None, report: Report = lambda done, total: None
) -> bool:
    """Carries the job out unless somebody else is at it, or at another one of its profile."""
    with stores.database.transaction() as held:
        if not (held.try_lock(_jobs_of(job.profile_id)) and held.try_lock(job.job_id)):
            return False
        known = ledger.find(held, job.profile_id, job.job_id)
        if not known.is_open:
            return False
        if known.status == "running" and not _mended(stores, known):
            return False
        if known.cancel_requested:
            tell(stores, ledger.end(stores.database, known, "cancelled", now()))
        elif known.attempts >= MOST_ATTEMPTS:
            tell(stores, ledger.end(stores.database, known, "failed", now(), problem=_GIVEN_UP))
        else:
            begun = ledger.begin(stores.database, known, now())
            if begun is not None:
                tell(stores, begun)
                tell(stores, _carry_out(stores, begun, _Progress(stores, begun, stopping, report)))
    return True


def _mended(stores: Stores, job: Job) -> bool:
    """Takes back what is left of a job that broke off; False while another writer is in the way."""
    if job.attempts:
        _log.warning("The job %s of the profile %s had broken off", job.job_id, job.profile_id)
    try:
        imports.mend(stores.database)
    except Busy:
        return False
    return True


def _carry_out(stores: Stores, job: Job, progress: "_Progress") -> Job | None:
    """The job as it ended; or as it waits again, where this process is to end or another writer holds the
    profile for long. Raises Unavailable: it is begun again then."""
    database = stores.database
    try:
        result = WORK[job.kind](stores.acting(job.asked_by), job, progress)
    except Cancelled:
        return ledger.end(database, job, "cancelled", now())
    except Interrupted:
        return ledger.put_back(database, job, "queued")
    except Busy:
        return ledger.put_back(database, job, "running")
    except Unavailable:
        raise
    except AppError as error:
        return ledger.end(database, job, "failed", now(), problem=_sentence(error))
    except Exception:
        _log.exception("The job %s of the profile %s failed", job.job_id, job.profile_id)
        return ledger.end(database, job, "failed", now(), problem=_BROKE_OFF)
    return ledger.end(database, job, "done", now(), result=result)


class _Progress:
    """Tells how far a job is, a few times a second at most, and learns there that it is to end."""

    def __init__(self, stores: Stores, job: Job, stopping: threading.Event | None, report: Report):
        self._stores, self._job, self._stopping, self._report = stores, job, stopping, report
        self._told = 0.0
        self._total = 0

    def __call__(self, done: int, total: int) -> None:
        self._report(done, total)
        if self._stopping is not None and self._stopping.is_set():
            raise Interrupted
        if time.monotonic() - self._told < _PAUSE and total == self._total:
            return
        self._told, self._total = time.monotonic(), total
        with suppress(Unavailable):  # it is worth no more than the job itself
            known = ledger.tell(self._stores.database, self._job, done, total)
            if known is None or known.cancel_requested:
                raise Cancelled
            tell(self._stores, known)


def _jobs_of(profile_id: UUID) -> UUID:
    """What stands for all jobs of a profile, which are done one at a time: each locks the profile."""
    return derived_id("jobs", str(profile_id))


def _sentence(error: AppError) -> str:
    """What went wrong, with the first reason where there are many."""
    first = error.problems[:1] if isinstance(error, InvalidInput) else ()
    reasons = {problem.detail for problem in first} - {str(error)}
    return " ".join([str(error), *reasons])
