"""The duty of a worker: each job is done once, whoever does it, and told while it is."""

import resource
from threading import Event, Thread

import pytest
from redis import Redis

from models.clock import now
from models.database import Database
from models.errors import InvalidInput
from models.stores import Stores
from services import jobs
from services.imports import ledger as imports
from services.imports.upload import LARGEST, Upload
from services.jobs import runner
from services.jobs.ledger import MOST_WAITING
from services.profiles import Profile
from tests.services.jobs.conftest import BY, costs_of, has_file, seen, statement, told


def test_an_import_is_done_and_told(stores: Stores, anna: Profile) -> None:
    job = jobs.import_file(stores, anna.profile_id, statement(30), BY, now())
    assert (job.status, job.title, job.asked_by) == ("queued", "Import of lamps.csv", BY)
    assert has_file(stores, job)
    assert runner.one(stores)
    ended = seen(stores, job)
    assert (ended.status, ended.done, ended.total, ended.attempts) == ("done", 30, 30, 1)
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert not has_file(stores, job)
    outcome = jobs.imported(ended)
    assert +outcome.account.places == {"stored": 30}
    assert (str(outcome.first), str(outcome.last)) == ("2026-10-01", "2026-10-28")
    assert costs_of(stores, anna) == 30
    assert outcome.account.import_id is not None
    assert imports.undo(stores.database, outcome.account.import_id, anna.profile_id) == 30
    said = told(stores, anna.profile_id)
    assert [each["status"] for each in said][:2] == ["queued", "running"]
    assert said[-1] == {
        "profileId": str(anna.profile_id),
        "jobId": str(job.job_id),
        "kind": "import-costs",
        "title": "Import of lamps.csv",
        "status": "done",
        "done": 30,
        "total": 30,
        "problem": None,
    }
    assert not runner.one(stores)


def test_lines_that_cannot_be_taken_are_kept_with_the_outcome(stores: Stores, anna: Profile) -> None:
    lines = "Date,Description,Amount,Currency\n2026-10-01,Lamp,-5,EUR\nno day,Chair,-6,EUR\n"
    upload = statement(1)
    wrong = Upload(upload.kind, "a/b\\lamps.csv", lines.encode(), "tools", upload.overrides)
    job = jobs.import_file(stores, anna.profile_id, wrong, BY, now())
    runner.one(stores)
    outcome = jobs.imported(seen(stores, job))
    assert +outcome.account.places == {"stored": 1, "rejected": 1}
    assert [line.line for line in outcome.rejected] == [3]
    assert outcome.rejected[0].reason


def test_what_cannot_be_imported_fails_with_a_sentence(stores: Stores, anna: Profile) -> None:
    photo = Upload("costs", "photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "tools", statement(1).overrides)
    job = jobs.import_file(stores, anna.profile_id, photo, BY, now())
    runner.one(stores)
    failed = seen(stores, job)
    assert failed.status == "failed"
    assert failed.problem is not None
    assert "photo.csv can't be imported" in failed.problem
    assert told(stores, anna.profile_id)[-1]["problem"] == failed.problem
    with pytest.raises(InvalidInput, match="larger than 3 MB"):
        too_much = Upload("costs", "large.csv", b"x" * (LARGEST + 1), "tools", statement(1).overrides)
        jobs.import_file(stores, anna.profile_id, too_much, BY, now())


def test_a_surprise_fails_without_its_secrets(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise RuntimeError("the disk is full of secrets")

    monkeypatch.setitem(runner.WORK, "rebuild", die)
    job = jobs.rebuild(stores, anna.profile_id, BY, now())
    runner.one(stores)
    assert (seen(stores, job).status, seen(stores, job).problem) == (
        "failed",
        "It broke off; nothing was changed.",
    )


def test_several_workers_do_each_job_once(stores: Stores, anna: Profile, priya: Profile) -> None:
    asked = [
        jobs.import_file(stores, profile.profile_id, statement(10 * number, kind), BY, now())
        for number in (1, 2)
        for profile in (anna, priya)
        for kind in ("costs", "transactions")
    ]
    stopping = Event()
    workers = [Thread(target=jobs.run, args=(stores, stopping)) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        while any(seen(stores, job).is_open for job in asked):
            stopping.wait(0.05)
    finally:
        stopping.set()
        for worker in workers:
            worker.join(20)
    assert {(seen(stores, job).status, seen(stores, job).attempts) for job in asked} == {("done", 1)}
    # Of the second file ten rows are those of the first.
    assert (costs_of(stores, anna), costs_of(stores, priya)) == (20, 20)
    made = [each.kind for each in imports.listing(stores.database)]
    assert sorted(made) == ["costs"] * 4 + ["transactions"] * 4


def test_without_redis_a_worker_finds_its_jobs(stores: Stores, anna: Profile) -> None:
    nowhere = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    alone = Stores(stores.database, nowhere, stores.keys)
    stopping = Event()
    worker = Thread(target=jobs.run, args=(alone, stopping))
    worker.start()
    try:
        job = jobs.import_file(alone, anna.profile_id, statement(3), BY, now())
        while seen(stores, job).is_open:
            stopping.wait(0.05)
    finally:
        stopping.set()
        worker.join(20)
    assert seen(stores, job).status == "done"


def test_one_job_of_a_profile_at_a_time(stores: Stores, anna: Profile, priya: Profile) -> None:
    first = jobs.rebuild(stores, anna.profile_id, BY, now())
    second = jobs.import_file(stores, anna.profile_id, statement(3), BY, now())
    other = jobs.import_file(stores, priya.profile_id, statement(3), BY, now())
    with stores.database.transaction() as held:
        # Another worker is at the first.
        assert held.try_lock(runner._jobs_of(anna.profile_id))
        assert held.try_lock(first.job_id)
        assert runner.one(stores)
        assert not runner.one(stores)
    assert [seen(stores, each).status for each in (first, second, other)] == ["queued", "queued", "done"]
    while runner.one(stores):
        pass
    assert [seen(stores, each).status for each in (first, second)] == ["done", "done"]


def test_too_many_may_not_wait(stores: Stores, anna: Profile, priya: Profile) -> None:
    for _ in range(MOST_WAITING):
        jobs.import_file(stores, anna.profile_id, statement(1), BY, now())
    with pytest.raises(Exception, match="are waiting already"):
        jobs.import_file(stores, anna.profile_id, statement(1), BY, now())
    jobs.import_file(stores, priya.profile_id, statement(1), BY, now())


def test_a_command_does_its_job_itself(stores: Stores, anna: Profile) -> None:
    job = jobs.rebuild(stores, anna.profile_id, BY, now())
    reported: list[tuple[int, int]] = []
    ended = jobs.here(stores, job, lambda done, total: reported.append((done, total)))
    assert ended.status == "done"
    assert reported == sorted(reported)
    assert reported[-1] == (ended.total, ended.total)


def test_one_that_waits_for_another_writer_too_long_is_begun_again(
    stores: Stores, anna: Profile, database_url: str
) -> None:
    hasty = Stores(Database(database_url, patience=0.1), stores.redis, stores.keys)
    job = jobs.import_file(stores, anna.profile_id, statement(3, "transactions"), BY, now())
    other = jobs.import_file(stores, anna.profile_id, statement(5), BY, now())
    with stores.database.transaction() as tx:
        tx.lock_profile(anna.profile_id)
        assert runner.one(hasty)
        assert (seen(stores, job).status, seen(stores, job).attempts) == ("running", 0)
        jobs.cancel(stores, anna.profile_id, job.job_id, now())
        # What is left of the first can't be taken back yet.
        runner.one(hasty)
        assert seen(stores, job).status == "running"
    while runner.one(hasty):
        pass
    hasty.database.close()
    assert [seen(stores, each).status for each in (job, other)] == ["cancelled", "done"]
    assert costs_of(stores, anna) == 5
    assert "running" not in {each.status for each in imports.listing(stores.database)}


def test_a_disk_that_takes_no_file(stores: Stores, anna: Profile) -> None:
    """The job says that it broke off; asked for again once there is room, it is done."""
    job = jobs.import_file(stores, anna.profile_id, statement(3), BY, now())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        assert runner.one(stores)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    ended = seen(stores, job)
    assert (ended.status, ended.problem) == ("failed", "It broke off; nothing was changed.")
    assert costs_of(stores, anna) == 0
    jobs.import_file(stores, anna.profile_id, statement(3), BY, now())
    assert runner.one(stores)
    assert costs_of(stores, anna) == 3
