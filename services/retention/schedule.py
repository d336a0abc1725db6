"""When the tasks run: each once a day for each profile, by one worker at a time."""

import logging
import time
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from redis.exceptions import RedisError

from models.clock import now
from models.errors import AppError, Busy, Unavailable
from models.ids import derived_id
from models.stores import Stores
from services import audit, domain_events, profiles
from services.domain_events.stream import NAME
from services.imports import upload
from services.retention import keys, runs
from services.retention.task import Counts, Task
from services.retention.tasks import TASKS

LOOK = timedelta(hours=1)
"""How often it is looked whether something is due; what failed is tried again then."""
EVERY = timedelta(days=1)
_IN_THE_WAY = "Something else held the profile for long. It is tried again within the hour."
_NO_REDIS = "Redis was away. It is tried again within the hour."
_OURS = "An error of ours; the log of the worker says more. It is tried again within the hour."
_log = logging.getLogger(__name__)


def run(stores: Stores, stopping: Event, stream: str = NAME) -> None:
    """The duty of a worker: looks once an hour, until it is told to stop. Raises Unavailable while the
    database is away."""
    while not stopping.is_set():
        turn(stores, now(), stopping, stream)
        stopping.wait(LOOK.total_seconds())


def turn(stores: Stores, at: datetime, stopping: Event, stream: str = NAME) -> None:
    """Does everything that is due at this instant. What goes wrong in one profile keeps no other waiting.
    Raises Unavailable while the database is away."""
    for profile in profiles.every(stores.database):
        if stopping.is_set():
            return
        if not profile_turn(stores, profile.profile_id, at, stopping):
            _log.info("Another worker is at the profile %s", profile.profile_id)
    if not stopping.is_set():
        everywhere(stores, at, stream)


def profile_turn(
    stores: Stores, profile_id: UUID, at: datetime, stopping: Event, *, anew: bool = False
) -> bool:
    """Runs the tasks of one profile whose last good run is a day old, or with `anew` all of them; False where
    another process is at it. What became of them is in the record. Raises Unavailable."""
    with stores.database.transaction() as held:
        if not held.try_lock(derived_id("retention", str(profile_id))):
            return False
        last = runs.last_good(held, profile_id)
        for task in TASKS:
            if stopping.is_set():
                break
            if anew or task.name not in last or last[task.name] + EVERY <= at:
                _recorded(stores, profile_id, task, at, stopping)
    return True


def everywhere(stores: Stores, at: datetime, stream: str = NAME) -> None:
    """What belongs to no profile alone: the keys of past quarters, and what the stream of domain events still
    holds, and uploaded files of imports that were killed. Raises Unavailable."""
    with stores.database.transaction() as held:
        if not held.try_lock(derived_id("retention", "everywhere")):
            return
        try:
            counts = keys.destroy(stores, at)
        except Unavailable:
            raise
        except AppError as error:
            _log.error("%s", error)
        else:
            if counts.after != counts.before:
                for profile in profiles.every(stores.database):
                    with stores.database.transaction() as tx:
                        runs.note(tx, profile.profile_id, keys.WORDS.name, at, counts)
        try:
            with domain_events.opened(stores, stream) as source:
                source.forget_before(at - stores.periods.addresses)
                source.rewrite()
        except RedisError as error:
            _log.warning("Domain events could not be looked at: %s", type(error).__name__)
        upload.sweep(at)


def _recorded(stores: Stores, profile_id: UUID, task: Task, at: datetime, stopping: Event) -> None:
    begun = time.monotonic()
    with stores.database.transaction() as tx:
        last = {run.task: run.problem for run in runs.newest(tx, profile_id)}.get(task.name)
        run_id = runs.begin(tx, profile_id, task.name, at)
    counts, problem = _done(stores, profile_id, task, at, stopping)
    ended = at + timedelta(seconds=time.monotonic() - begun)
    with stores.database.transaction() as tx:
        runs.end(tx, profile_id, run_id, ended, counts, problem)
        # One that was stopped has counts; one that fails the same way each hour is told once.
        if problem is not None and counts is None and problem != last:
            told = {"problem": problem}
            audit.record(tx, profile_id, "retention-failed", audit.RETENTION, ended, task.label, told)


def _done(
    stores: Stores, profile_id: UUID, task: Task, at: datetime, stopping: Event
) -> tuple[Counts | None, str | None]:
    """What it got to, and why it failed."""
    try:
        counts = task.run(stores, profile_id, at, stores.periods, stopping)
    except Busy:
        return None, _IN_THE_WAY
    except Unavailable:
        raise
    except RedisError:
        return None, _NO_REDIS
    except AppError as error:
        return None, str(error)
    except Exception:
        _log.exception("%s of the profile %s failed", task.label, profile_id)
        return None, _OURS
    interrupted = stopping.is_set() and any(counts.after.values())
    return counts, "The worker was stopped; the next one goes on." if interrupted else None
