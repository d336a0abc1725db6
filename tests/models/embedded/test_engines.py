"""The embedded engines: who runs them, who may use them, and what survives a kill."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from models.embedded import Endpoints, announce_leaving, engines
from models.embedded.account import engine_account
from models.embedded.ownership import users
from models.embedded.process import free_port, spawn, stop
from models.errors import CannotStart

ANY_PORT = {"postgres_port": 0, "redis_port": 0}
# Another process: says where the engines answer, and leaves when its stdin ends.
PROGRAM = """
import json, sys
from pathlib import Path
from models.embedded import engines
options = json.loads(sys.argv[2])
with engines(Path(sys.argv[1]), postgres_port=0, redis_port=0, **options) as endpoints:
    print(json.dumps([endpoints.database_url, endpoints.redis_url]), flush=True)
    sys.stdin.read()
"""


class Process:
    """Another process that uses the engines of `data_dir`."""

    def __init__(self, data_dir: Path, **options: object):
        self.popen = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(data_dir), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def endpoints(self) -> Endpoints:
        assert self.popen.stdout is not None
        return Endpoints(*json.loads(self.popen.stdout.readline()))

    def next_words(self) -> str:
        assert self.popen.stderr is not None
        return self.popen.stderr.readline()

    def may_leave(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.close()

    def close(self) -> None:
        self.popen.kill()
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(data_dir: Path, **options: object) -> Process:
        started.append(Process(data_dir, **options))
        return started[-1]

    yield begin
    for process in started:
        process.close()


@pytest.fixture
def empty() -> Iterator[Path]:
    """A place for a data directory that every user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-tests-"))
    folder.chmod(0o711)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data directory that has been started and stopped once, with a table to keep notes in."""
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-tests-"))
    folder.chmod(0o711)
    with engines(folder / "data", **ANY_PORT) as endpoints, connected(endpoints) as connection:
        connection.execute("create table notes (note text)")
    yield folder / "data"
    shutil.rmtree(folder)


@contextmanager
def connected(endpoints: Endpoints) -> Iterator[psycopg.Connection]:
    assert endpoints.database_url is not None
    with psycopg.connect(endpoints.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def keep(endpoints: Endpoints, note: str) -> None:
    with connected(endpoints) as connection:
        connection.execute("insert into notes values (%s)", [note])


def is_kept(endpoints: Endpoints, note: str) -> bool:
    with connected(endpoints) as connection:
        return connection.execute("select 1 from notes where note = %s", [note]).fetchone() is not None


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answers(endpoints: Endpoints) -> bool:
    assert endpoints.redis_url is not None
    try:
        with connected(endpoints), redis.Redis.from_url(endpoints.redis_url, retry=None) as client:
            return bool(client.ping())
    except (psycopg.OperationalError, redis.RedisError):
        return False


def test_first_start_is_private(empty: Path) -> None:
    with engines(empty, **ANY_PORT, durable=False) as endpoints:
        assert answers(endpoints)
        for file in ("engines.json", "engines.password", "version", "postgres.log", "valkey.log"):
            assert (empty / file).stat().st_mode & 0o777 == 0o600
        assert (empty / "postgres").stat().st_mode & 0o777 == 0o700
        assert (empty / "valkey").stat().st_mode & 0o777 == 0o700
        assert empty.stat().st_mode & 0o066 == 0
        with connected(endpoints) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.execute("select rolsuper from pg_roles where rolname = user").fetchone() == (
                False,
            )
    assert not answers(endpoints)


def test_both_ask_for_the_password(data_dir: Path) -> None:
    password = (data_dir / "engines.password").read_text()
    with engines(data_dir, **ANY_PORT) as endpoints:
        assert endpoints.database_url and endpoints.redis_url
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(endpoints.database_url.replace("+psycopg", "").replace(password, "guess"))
        with (
            pytest.raises(redis.AuthenticationError),
            redis.Redis.from_url(endpoints.redis_url.replace(password, "guess")) as client,
        ):
            client.ping()


def test_what_was_stored_is_there_at_the_next_start(data_dir: Path) -> None:
    with engines(data_dir, **ANY_PORT) as endpoints:
        keep(endpoints, "first")
    with engines(data_dir, **ANY_PORT) as endpoints:
        assert is_kept(endpoints, "first")


def test_the_engines_write_to_disk_before_they_answer(data_dir: Path) -> None:
    with engines(data_dir, **ANY_PORT) as endpoints, connected(endpoints) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"show {setting}").fetchone() == ("on",)


def test_a_taken_port_is_left_alone(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with engines(data_dir, postgres_port=port, redis_port=port) as endpoints:
            assert f":{port}/" not in f"{endpoints.database_url} {endpoints.redis_url}"
            assert answers(endpoints)


def test_a_free_port_is_kept(data_dir: Path) -> None:
    wanted = free_port(0)
    with engines(data_dir, postgres_port=wanted, redis_port=0) as endpoints:
        assert f":{wanted}/" in str(endpoints.database_url)


def test_only_what_is_asked_for_starts(data_dir: Path) -> None:
    with engines(data_dir, **ANY_PORT, redis=False) as endpoints:
        assert endpoints.database_url and endpoints.redis_url is None
        with pytest.raises(CannotStart, match="other settings"), engines(data_dir, **ANY_PORT):
            pass
    with engines(data_dir, postgres=False, redis=False) as endpoints:
        assert endpoints == Endpoints(None, None)


def test_a_command_attaches_to_a_running_server(data_dir: Path, start: Callable[..., Process]) -> None:
    running = start(data_dir, server=True).endpoints()
    with engines(data_dir) as endpoints:
        assert endpoints == running
        assert answers(endpoints)
    assert answers(running)


def test_a_second_server_is_told_so(data_dir: Path, start: Callable[..., Process]) -> None:
    first = start(data_dir, server=True, purpose="http://127.0.0.1:1")
    first.endpoints()
    with (
        pytest.raises(
            CannotStart, match=rf"Already running \(process {first.popen.pid}\) at http://127.0.0.1:1"
        ),
        engines(data_dir, server=True),
    ):
        pass


def test_a_server_waits_for_a_command(data_dir: Path, start: Callable[..., Process]) -> None:
    command = start(data_dir, purpose="an import")
    command.endpoints()
    server = start(data_dir, server=True)
    assert f"Waiting for an import (process {command.popen.pid})" in server.next_words()
    command.may_leave()
    assert answers(server.endpoints())


def test_a_server_waits_for_one_that_is_stopping(data_dir: Path, start: Callable[..., Process]) -> None:
    with engines(data_dir, **ANY_PORT, server=True, purpose="http://127.0.0.1:1"):
        announce_leaving(data_dir)
        second = start(data_dir, server=True)
        assert f"Waiting for the stopping server at http://127.0.0.1:1 (process {os.getpid()})" in (
            second.next_words()
        )
    assert answers(second.endpoints())


def test_a_command_stays_until_others_have_finished(data_dir: Path, start: Callable[..., Process]) -> None:
    first = start(data_dir)
    running = first.endpoints()
    second = start(data_dir)
    assert second.endpoints() == running
    first.may_leave()
    assert "Waiting for another command" in first.next_words()
    assert answers(running)
    second.may_leave()
    assert first.popen.wait(30) == 0
    assert not answers(running)


def test_a_command_that_fails_does_not_take_the_engines_from_others(
    data_dir: Path, start: Callable[..., Process]
) -> None:
    others: list[Process] = []
    said: list[str] = []

    def on_word(sentence: str) -> None:
        said.append(sentence)
        assert answers(others[0].endpoints())
        others[0].may_leave()

    with pytest.raises(ZeroDivisionError), engines(data_dir, **ANY_PORT, say=on_word):
        others.append(start(data_dir))
        assert eventually(lambda: present_user(data_dir))
        raise ZeroDivisionError
    assert said == ["Waiting for another command that uses the same database."]


def test_a_killed_owner_loses_nothing(data_dir: Path, start: Callable[..., Process]) -> None:
    owner = start(data_dir, server=True)
    keep(owner.endpoints(), "before the owner was killed")
    owner.popen.kill()
    owner.popen.wait()
    with engines(data_dir, **ANY_PORT) as endpoints:
        assert is_kept(endpoints, "before the owner was killed")


def test_engines_end_with_a_killed_owner(data_dir: Path, start: Callable[..., Process]) -> None:
    owner = start(data_dir, server=True)
    running = owner.endpoints()
    owner.popen.kill()
    assert eventually(lambda: not answers(running))
    assert eventually(lambda: not (data_dir / "postgres" / "postmaster.pid").exists())


def test_a_killed_postgres_comes_back(data_dir: Path) -> None:
    said: list[str] = []
    with engines(data_dir, **ANY_PORT, say=said.append) as endpoints:
        keep(endpoints, "before it was killed")
        os.kill(postmaster(data_dir), signal.SIGKILL)
        assert eventually(lambda: "PostgreSQL is back." in said)
        assert is_kept(endpoints, "before it was killed")


def test_a_killed_redis_comes_back(data_dir: Path) -> None:
    said: list[str] = []
    with engines(data_dir, **ANY_PORT, say=said.append) as endpoints:
        assert endpoints.redis_url is not None
        with redis.Redis.from_url(endpoints.redis_url) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        assert eventually(lambda: "Redis is back." in said)
        assert answers(endpoints)


def test_everything_killed_at_once_starts_again(data_dir: Path, start: Callable[..., Process]) -> None:
    owner = start(data_dir, server=True)
    running = owner.endpoints()
    keep(running, "before all were killed")
    assert running.redis_url is not None
    with redis.Redis.from_url(running.redis_url) as client:
        valkey = client.info("server")["process_id"]
    for pid in (owner.popen.pid, postmaster(data_dir), valkey):
        os.kill(pid, signal.SIGKILL)
    owner.popen.wait()
    with engines(data_dir, **ANY_PORT) as endpoints:
        assert is_kept(endpoints, "before all were killed")


def test_a_number_that_another_process_has_now_does_not_matter(data_dir: Path) -> None:
    folder = data_dir / "postgres"
    stale = folder / "postmaster.pid"
    stranger = spawn(["sleep", "60"], death_signal=signal.SIGKILL, account=engine_account(folder))
    stale.write_text(f"{stranger.pid}\n{folder}\n1\n25434\n\n127.0.0.1\n0 0\nready\n")
    try:
        with engines(data_dir, **ANY_PORT) as endpoints:
            assert answers(endpoints)
        assert stranger.poll() is None
    finally:
        stop(stranger, ())


def test_an_interrupted_first_start_begins_anew(empty: Path) -> None:
    (empty / "postgres.unfinished" / "base").mkdir(parents=True)
    empty.chmod(0o711)
    with engines(empty, **ANY_PORT, durable=False) as endpoints:
        assert answers(endpoints)
    assert not (empty / "postgres.unfinished").exists()


def present_user(data_dir: Path) -> bool:
    """Whether another process has attached."""
    lock = users(data_dir)
    free = lock.take()
    lock.release()
    return not free


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
