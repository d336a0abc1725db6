"""How others hear of a job: those who look at its profile, and the workers that wait for one."""

import threading
from contextlib import suppress

from redis.exceptions import RedisError

from models.feed import Post
from models.stores import Stores
from services.jobs.ledger import Job
from services.live.message import job_progress

_BELL = "jobs:bell"
_RINGS = 10
"""Kept for workers that are busy; each that is free takes one and looks."""


def tell(stores: Stores, job: Job | None) -> None:
    """Tells live how far the job is."""
    if job is not None:
        message = job_progress(
            job.profile_id,
            job.job_id,
            kind=job.kind,
            title=job.title,
            status=job.status,
            done=job.done,
            total=job.total,
            problem=job.problem,
        )
        stores.feed.publish([Post(job.profile_id, (message.body,))])


def ring(stores: Stores) -> None:
    """Wakes a worker. Without Redis each finds the job by itself within a second."""
    with suppress(RedisError):
        stores.redis.pipeline().lpush(_BELL, "1").ltrim(_BELL, 0, _RINGS - 1).execute()


def wait(stores: Stores, stopping: threading.Event, seconds: float) -> None:
    """Returns when somebody rang, and after so many seconds at the latest."""
    try:
        stores.redis.blpop([_BELL], timeout=seconds)
    except RedisError:
        stopping.wait(seconds)
