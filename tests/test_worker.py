"""The background process: duties that are kept up, and a clean end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal

import pytest
from redis.exceptions import ResponseError
from sqlalchemy import func, select

import worker
from models.clock import now
from models.errors import Busy
from models.schema import profile_events
from models.stores import Stores
from services.domain_events import opened
from services.domain_events.stream import GROUP
from services.ingest import events
from services.ingest.inputs import Event
from services.profiles import Profile
from tests.services.domain_events.conftest import VIEW, event, unsettled
from worker import Duty

ROOT = Path(__file__).parent.parent
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts `python worker.py` on the test's stores."""
    started: list[subprocess.Popen[str]] = []

    def begin(**settings: str) -> subprocess.Popen[str]:
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url.replace("+psycopg", ""),
            "REDIS_URL": redis_url,
            "PLATFORM_ANALYTICS_DATA_DIR": str(tmp_path),
            **settings,
        }
        command = [sys.executable, str(ROOT / "worker.py")]
        started.append(subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_counts_what_is_told_until_it_is_stopped(
    start: Start, stores: Stores, anna: Profile, number: signal.Signals
) -> None:
    process = start()
    with opened(stores) as stream:
        stream.publish(json.dumps(event(anna, "profile.viewed", **VIEW)) for _ in range(100))
        until(lambda: len(stream.redis.xinfo_groups(stream.name)) == 1 and unsettled(stream) == 0)
        with stores.database.transaction() as tx:
            assert tx.value(select(func.count()).select_from(profile_events)) == 100
        process.send_signal(number)
        assert process.wait(30) == 0
        assert stream.redis.xinfo_consumers(stream.name, GROUP) == []


def test_it_reads_the_stream_of_the_settings(start: Start, stores: Stores, anna: Profile) -> None:
    start(PLATFORM_ANALYTICS_EVENT_STREAM="shop")
    with opened(stores, "shop") as stream:
        stream.publish([json.dumps(event(anna, "profile.viewed", **VIEW))])
        until(lambda: len(stream.redis.xinfo_groups(stream.name)) == 1 and unsettled(stream) == 0)


def test_it_reduces_what_is_kept_for_longer_than_its_period(
    start: Start, stores: Stores, anna: Profile
) -> None:
    view = Event(profile_id=anna.profile_id, event_type="view", ip="192.0.2.7")
    events.store(stores, [view], now() - timedelta(days=200))
    process = start()

    def reduced() -> bool:
        with stores.database.transaction() as tx:
            return tx.value(select(profile_events.c.ip_address)) is None

    until(reduced)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_without_stores_it_says_what_it_lacks(start: Start) -> None:
    process = start(DATABASE_URL="", REDIS_URL="")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "This process needs DATABASE_URL and REDIS_URL" in said


def test_a_duty_that_fails_or_ends_is_started_again(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    runs: dict[str, int] = {"failing": 0, "ending": 0, "steady": 0}
    enough = Signal()

    def failing(opened: Stores, stopping: Signal) -> None:
        runs["failing"] += 1
        if runs["failing"] == 3:
            enough.set()
            stopping.wait()
            return
        raise KeyError("a mistake")

    def ending(opened: Stores, stopping: Signal) -> None:
        runs["ending"] += 1

    def steady(opened: Stores, stopping: Signal) -> None:
        runs["steady"] += 1
        stopping.wait()

    duties = (Duty("failing", failing), Duty("ending", ending), Duty("steady", steady))
    assert worker.work(stores, duties, lambda: enough.wait(30), shortest=0.01)
    assert (runs["failing"], runs["steady"]) == (3, 1)
    assert runs["ending"] >= 1
    assert "failing failed" in caplog.text
    assert "KeyError" in caplog.text
    assert "ending ended by itself" in caplog.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Busy("Everything of this profile is being counted again."), "waiting has to wait: Everything of"),
        (ResponseError("XADD e * 203.0.113.7"), "waiting has to wait: Redis is away (ResponseError)"),
    ],
)
def test_a_store_that_is_away_or_busy_is_no_mistake(
    stores: Stores, caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    runs, again = [], Signal()

    def waiting(opened: Stores, stopping: Signal) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise error
        again.set()
        stopping.wait()

    assert worker.work(stores, (Duty("waiting", waiting),), lambda: again.wait(30), shortest=0.01)
    assert told in caplog.text
    assert "Traceback" not in caplog.text
    assert "203.0.113.7" not in caplog.text


def test_a_duty_that_does_not_end_is_named(
    stores: Stores, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PARTING", 0.05)
    free = Signal()
    duty = Duty("endless", lambda opened, stopping: free.wait(30) and None)
    assert not worker.work(stores, (duty,), lambda: None)
    free.set()
    assert "Stopped in the middle of: endless" in caplog.text
