"""A job whose process died is done again, as if nothing had been."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from models.clock import now
from models.stores import Stores
from services import jobs
from services.imports import ledger as imports
from services.jobs import ledger, runner
from services.profiles import Profile
from tests.services.jobs.conftest import BY, costs_of, has_file, seen, statement, told

ROOT = Path(__file__).parents[3]
WORKER = """
import sys, threading, pathlib
from models.stores import open_stores
from services import jobs
database, redis, folder = sys.argv[1:]
stores = open_stores(database_url=database, redis_url=redis, data_dir=pathlib.Path(folder))
jobs.run(stores, threading.Event())
"""


def test_one_that_is_killed_in_the_middle_is_done_by_another_process(
    stores: Stores, anna: Profile, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    job = jobs.import_file(stores, anna.profile_id, statement(9_000), BY, now())
    command = [sys.executable, "-c", WORKER, database_url, redis_url, str(tmp_path)]
    worker = subprocess.Popen(command, cwd=ROOT)
    try:
        while not costs_of(stores, anna):
            assert worker.poll() is None
            assert seen(stores, job).is_open
            time.sleep(0.01)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert 0 < costs_of(stores, anna) < 9_000
    assert (seen(stores, job).status, has_file(stores, job)) == ("running", True)
    # PostgreSQL lets go of the lock when it notices that nobody is there any more.
    while not runner.one(stores):
        time.sleep(0.05)
    ended = seen(stores, job)
    assert (ended.status, ended.attempts, ended.done) == ("done", 2, 9_000)
    assert jobs.imported(ended).account.places["stored"] == costs_of(stores, anna) == 9_000
    assert sorted(each.status for each in imports.listing(stores.database)) == ["done", "failed"]


def died(stores: Stores, job: jobs.Job, times: int = 1) -> None:
    """Its process is gone, and holds no lock."""
    for _ in range(times):
        assert ledger.begin(stores.database, job, now()) is not None


def test_one_that_should_end_is_cancelled_by_the_next_to_look(stores: Stores, anna: Profile) -> None:
    job = jobs.import_file(stores, anna.profile_id, statement(3), BY, now())
    died(stores, job)
    jobs.cancel(stores, anna.profile_id, job.job_id, now())
    assert seen(stores, job).status == "running"
    assert runner.one(stores)
    assert (seen(stores, job).status, has_file(stores, job)) == ("cancelled", False)
    assert costs_of(stores, anna) == 0


def test_one_that_kills_every_process_is_given_up(stores: Stores, anna: Profile) -> None:
    job = jobs.rebuild(stores, anna.profile_id, BY, now())
    died(stores, job, runner.MOST_ATTEMPTS)
    assert runner.one(stores)
    failed = seen(stores, job)
    assert (failed.status, failed.problem) == (
        "failed",
        "It broke off 5 times and was given up; nothing was changed.",
    )
    assert told(stores, anna.profile_id)[-1]["problem"] == failed.problem
    jobs.rebuild(stores, anna.profile_id, BY, now())


def test_a_job_that_has_ended_stays_as_it_ended(stores: Stores, anna: Profile) -> None:
    job = jobs.rebuild(stores, anna.profile_id, BY, now())
    runner.one(stores)
    ended = seen(stores, job)
    assert ledger.begin(stores.database, job, now()) is None
    assert ledger.tell(stores.database, job, 1, 2) is None
    assert ledger.end(stores.database, job, "failed", now(), problem="No") is None
    assert seen(stores, job) == ended
