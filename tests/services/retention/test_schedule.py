"""The duty: once a day for each profile, one worker at a time, and a record of every run."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import redis

from models.errors import Busy, Conflict
from models.ids import derived_id
from models.retention import Periods
from models.stores import Stores
from services import audit, domain_events, retention
from services.domain_events.stream import GROUP
from services.ingest import events
from services.profiles import Profile
from services.retention import runs, schedule
from services.retention.runs import Run
from services.retention.task import Counts, Task
from tests.services.retention.conftest import GOING_ON, stored
from tests.services.retention.test_addresses import visit

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[datetime]]:
    """Puts one task in the place of all, which does what is given; returns when it ran."""

    def only(does: Callable[[], Counts] = lambda: Counts({"things": 3}, {"things": 0})) -> list[datetime]:
        ran: list[datetime] = []

        def run(stores: Stores, profile_id: Any, at: datetime, periods: Periods, stopping: Event) -> Counts:
            ran.append(at)
            return does()

        found = Task("test", "Things removed", {"things": "things"}, run, lambda *given: {"things": 3})
        monkeypatch.setattr(schedule, "TASKS", (found,))
        return ran

    return only


def told(stores: Stores, profile: Profile) -> list[Run]:
    with stores.database.transaction() as tx:
        return runs.telling(tx, profile.profile_id)


def test_a_task_runs_once_a_day(stores: Stores, anna: Profile, task: Callable[..., list[datetime]]) -> None:
    ran = task()
    for hours in (0, 1, 23, 24, 25):
        schedule.turn(stores, AT + hours * HOUR, GOING_ON)
    assert ran == [AT, AT + DAY]
    assert schedule.profile_turn(stores, anna.profile_id, AT + 26 * HOUR, GOING_ON, anew=True)
    assert ran[2:] == [AT + 26 * HOUR]


def test_each_run_is_recorded(stores: Stores, anna: Profile, task: Callable[..., list[datetime]]) -> None:
    task()
    schedule.turn(stores, AT, GOING_ON)
    [run] = told(stores, anna)
    assert (run.task, run.before, run.after, run.problem) == ("test", {"things": 3}, {"things": 0}, None)
    assert run.started_at == AT
    assert run.finished_at is not None and run.finished_at >= AT


def test_one_that_found_nothing_is_recorded_and_not_told(
    stores: Stores, anna: Profile, task: Callable[..., list[datetime]]
) -> None:
    task(lambda: Counts({"things": 0}, {"things": 0}))
    schedule.turn(stores, AT, GOING_ON)
    assert told(stores, anna) == []
    with stores.database.transaction() as tx:
        [run] = runs.newest(tx, anna.profile_id)
    assert (run.started_at, run.is_good, run.before) == (AT, True, {})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Conflict("This can't be."), "This can't be."),
        (Busy("Busy."), "Something else held the profile for long."),
        (redis.ConnectionError("secret"), "Redis was away."),
        (ValueError("secret"), "An error of ours"),
    ],
)
def test_a_failure_is_recorded_and_tried_again_within_the_hour(
    stores: Stores,
    anna: Profile,
    priya: Profile,
    task: Callable[..., list[datetime]],
    error: Exception,
    said: str,
) -> None:
    def fail() -> Counts:
        raise error

    ran = task(fail)
    schedule.turn(stores, AT, GOING_ON)
    for profile in (anna, priya):
        [run] = told(stores, profile)
        assert run.problem is not None and run.problem.startswith(said)
        assert "secret" not in run.problem
        assert (run.before, run.is_good) == ({}, False)
    task()
    schedule.turn(stores, AT + HOUR, GOING_ON)
    assert [run.is_good for run in told(stores, anna)] == [True, False]
    assert len(ran) == 2


def test_the_trail_tells_once_of_what_fails_each_hour(
    stores: Stores, anna: Profile, task: Callable[..., list[datetime]]
) -> None:
    def fail() -> Counts:
        raise Conflict(problem)

    task(fail)
    for hours, problem in enumerate(("No.", "No.", "Never.")):  # noqa: B007  # what fails says it
        schedule.turn(stores, AT + hours * HOUR, GOING_ON)
    with stores.database.transaction() as tx:
        entries = audit.listing(tx, anna.profile_id)
    assert [(each.actor, each.sentence, each.details["problem"]) for each in entries] == [
        ("retention", "Could not do what is due: Things removed", "Never."),
        ("retention", "Could not do what is due: Things removed", "No."),
    ]


def test_while_another_worker_is_at_it_nothing_runs(
    stores: Stores, anna: Profile, task: Callable[..., list[datetime]]
) -> None:
    ran = task()
    with stores.database.transaction() as other:
        other.try_lock(derived_id("retention", str(anna.profile_id)))
        assert not schedule.profile_turn(stores, anna.profile_id, AT, GOING_ON)
    assert ran == []


def test_a_run_whose_process_died_is_told_as_broken_off(
    stores: Stores, anna: Profile, task: Callable[..., list[datetime]]
) -> None:
    with stores.database.transaction() as tx:
        runs.begin(tx, anna.profile_id, "test", AT)
    task()
    schedule.turn(stores, AT + HOUR, GOING_ON)
    assert [run.problem for run in told(stores, anna)] == [None, runs.BROKE_OFF]


def test_told_to_stop_it_ends_at_once_and_goes_on_later(
    stores: Stores, anna: Profile, task: Callable[..., list[datetime]]
) -> None:
    stopping = Event()

    def interrupted() -> Counts:
        stopping.set()
        return Counts({"things": 3}, {"things": 2})

    task(interrupted)
    schedule.turn(stores, AT, stopping)
    [run] = told(stores, anna)
    assert (run.after, run.problem) == ({"things": 2}, "The worker was stopped; the next one goes on.")
    ran = task()
    schedule.turn(stores, AT + HOUR, GOING_ON)
    assert ran == [AT + HOUR]


def test_the_duty_ends_when_it_is_told_to(stores: Stores, anna: Profile) -> None:
    stopping = Event()
    duty = Thread(target=retention.run, args=(stores, stopping), daemon=True)
    duty.start()
    stopping.set()
    duty.join(30)
    assert not duty.is_alive()


def test_the_periods_are_those_of_the_installation(stores: Stores, anna: Profile) -> None:
    events.store(stores, [visit(anna)], AT)
    schedule.turn(replace(stores, periods=Periods(addresses=timedelta(days=7))), AT + 8 * DAY, GOING_ON)
    assert stored(stores, anna)[0]["ip_address"] is None


def test_the_stream_keeps_no_event_that_another_group_never_read(stores: Stores) -> None:
    with domain_events.opened(stores) as stream:
        stream.publish(["counted", "pending", "new"])
        stream.join()
        stores.redis.xgroup_create(stream.name, "another", id="0")
        counted, pending = stream.read("me", 2, 0)
        stream.settle([counted.id], {counted.id: {"reason": b"late"}}, {}, AT)
        stores.redis.xadd(stream.dead, {"reason": "old"})
        later = datetime.now(UTC) + 91 * DAY
        assert stream.older(later) == 2
        schedule.everywhere(stores, later)
        assert stream.older(later) == 0
        assert next(key for key, _ in stores.redis.xrange(stream.name)) == pending.id
        assert stores.redis.xlen(stream.name) == 2
        assert stores.redis.xlen(stream.dead) == 0
        assert stores.redis.xpending(stream.name, GROUP)["pending"] == 1
        [new] = stream.read("me", 1, 0)
        stream.settle([pending.id, new.id], {}, {}, AT)
        assert stream.older(later) == 2
        schedule.everywhere(stores, later)
        assert stores.redis.xlen(stream.name) == 0


def test_what_redis_let_go_of_leaves_its_file_too(stores: Stores, anna: Profile) -> None:
    """A quiet Redis keeps every command that it was ever given, with the addresses in them."""
    redis_ = stores.redis
    redis_.config_set("appendonly", "yes")
    try:
        folder = Path(redis_.config_get("dir")["dir"]) / redis_.config_get("appenddirname")["appenddirname"]
        _rewritten(redis_)
        with domain_events.opened(stores) as source:
            source.join()
            [message] = source.publish(["no event of 203.0.113.173"])
            source.redis.xdel(source.name, message)
        redis_.config_set("appendfsync", "always")
        redis_.set("written", "1")
        assert _holding(folder, b"203.0.113.173")
        schedule.everywhere(stores, AT)
        _rewritten(redis_)
        for _ in range(500):  # the old one is removed aside
            if not _holding(folder, b"203.0.113.173"):
                break
            time.sleep(0.02)
        else:
            raise AssertionError("The address is still on the disk.")
    finally:
        redis_.config_set("appendonly", "no")


def _rewritten(redis_: Any) -> None:
    while (known := redis_.info("persistence"))["aof_rewrite_in_progress"] or known["aof_rewrite_scheduled"]:
        time.sleep(0.02)


def _holding(folder: Path, what: bytes) -> list[Path]:
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if what in path.read_bytes():
                found.append(path)
    return found
