"""A job that is called off leaves nothing, whether it waits or runs."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from models.clock import now
from models.errors import Conflict, NotFound
from models.ids import new_id
from models.stores import Stores
from services import jobs, profiles, rollups
from services.imports import booking, ledger
from services.jobs import Job, runner
from services.profiles import Profile
from tests.services.jobs.conftest import BY, costs_of, has_file, seen, statement, told


@pytest.fixture
def at_each_word(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int, int], None]], None]:
    """Has something happen each time that a job says how far it is, which it does each time now."""
    monkeypatch.setattr(runner, "_PAUSE", 0)

    def arrange(happens: Callable[[int, int], None]) -> None:
        tell = runner.ledger.tell

        def and_then(database: Any, job: Job, done: int, total: int) -> Job | None:
            happens(done, total)
            return tell(database, job, done, total)

        monkeypatch.setattr(runner.ledger, "tell", and_then)

    return arrange


def test_one_that_waits_never_begins(stores: Stores, anna: Profile) -> None:
    job = jobs.import_file(stores, anna.profile_id, statement(3), BY, now())
    ended = jobs.cancel(stores, anna.profile_id, job.job_id, now())
    assert (ended.status, has_file(stores, job)) == ("cancelled", False)
    assert ended.finished_at is not None
    assert not runner.one(stores)
    assert told(stores, anna.profile_id)[-1]["status"] == "cancelled"
    with pytest.raises(Conflict, match=r"Import of lamps\.csv has ended already"):
        jobs.cancel(stores, anna.profile_id, job.job_id, now())


def test_an_import_is_taken_back_from_its_middle(
    stores: Stores, anna: Profile, at_each_word: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "BATCH", 10)
    before: list[int] = []

    def cancel(done: int, total: int) -> None:
        if done == 30:
            before.append(costs_of(stores, anna))
            jobs.cancel(stores, anna.profile_id, job.job_id, now())

    at_each_word(cancel)
    job = jobs.import_file(stores, anna.profile_id, statement(80), BY, now())
    assert runner.one(stores)
    ended = seen(stores, job)
    assert (ended.status, ended.done, ended.total) == ("cancelled", 30, 80)
    assert before == [30]
    assert costs_of(stores, anna) == 0
    assert not has_file(stores, job)
    assert [each.status for each in ledger.listing(stores.database)] == ["failed"]
    again = jobs.import_file(stores, anna.profile_id, statement(80), BY, now())
    monkeypatch.undo()
    runner.one(stores)
    assert jobs.imported(seen(stores, again)).account.places["stored"] == 80


def test_a_change_leaves_all_as_it_was(stores: Stores, with_data: Profile, at_each_word: Any) -> None:
    job = jobs.edit(stores, with_data.profile_id, asked_by=BY, at=now(), currency="JPY")
    assert job is not None
    at_each_word(
        lambda done, total: done == 1 and jobs.cancel(stores, with_data.profile_id, job.job_id, now())
    )
    assert runner.one(stores)
    assert seen(stores, job).status == "cancelled"
    assert profiles.find(stores.database, with_data.profile_id) == with_data
    assert rollups.verify(stores.database, with_data.profile_id) == []


def test_a_rebuild_leaves_what_it_found(stores: Stores, with_data: Profile, at_each_word: Any) -> None:
    job = jobs.rebuild(stores, with_data.profile_id, BY, now())
    at_each_word(
        lambda done, total: done == 12 and jobs.cancel(stores, with_data.profile_id, job.job_id, now())
    )
    assert runner.one(stores)
    assert (seen(stores, job).status, seen(stores, job).done) == ("cancelled", 12)
    assert rollups.verify(stores.database, with_data.profile_id) == []


def test_anothers_job_is_not_found(stores: Stores, anna: Profile, priya: Profile) -> None:
    job = jobs.rebuild(stores, anna.profile_id, BY, now())
    for profile_id, job_id in ((priya.profile_id, job.job_id), (anna.profile_id, new_id())):
        with pytest.raises(NotFound, match="There is no such task"):
            jobs.cancel(stores, profile_id, job_id, now())
        with stores.database.transaction() as tx, pytest.raises(NotFound):
            jobs.find(tx, profile_id, job_id)
    with stores.database.transaction() as tx:
        assert jobs.listing(tx, priya.profile_id) == []
        assert jobs.newest(tx, priya.profile_id, jobs.REBUILD) is None
    assert told(stores, priya.profile_id) == []
    assert seen(stores, job).status == "queued"


def test_a_worker_that_is_to_stop_puts_its_job_back(
    stores: Stores, anna: Profile, at_each_word: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "BATCH", 10)
    stopping = Event()
    at_each_word(lambda done, total: stopping.set() if done == 20 else None)
    job = jobs.import_file(stores, anna.profile_id, statement(50), BY, now())
    jobs.run(stores, stopping)
    back = seen(stores, job)
    assert (back.status, back.done, back.attempts) == ("queued", 0, 0)
    assert costs_of(stores, anna) == 0
    assert runner.one(stores)
    assert costs_of(stores, anna) == 50
