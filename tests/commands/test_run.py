"""`manage.py run`: started as a process of its own, with a small application in the product's place."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import pytest

from models.embedded.process import free_port

ROOT = Path(__file__).parent.parent.parent
APPLICATION = """
import os
import psycopg

def create_app():
    def answer(environ, start_response):
        with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as connection:
            revision, = connection.execute("select version_num from alembic_version").fetchone()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{os.getppid()} {revision}".encode()]
    return answer
"""
PROGRAM = """
import os, sys
from commands.run import serve
from config import load
from models.errors import CannotStart, Unavailable
def welcome(config):
    if os.environ.pop("GOES_ONCE", None):
        raise Unavailable("It went away.")
    return "Sign in as somebody."
try:
    serve(load(), welcome, sys.argv[1], database_patience=0.5)
except CannotStart as error:
    sys.exit(str(error))
"""


class Run:
    """One `manage.py run` on `data_dir`, with ports of its own."""

    def __init__(self, data_dir: Path, code: Path, app: str, settings: dict[str, str]):
        self.api_port, self.frontend_port = free_port(0), free_port(0)
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{code}",
            "PLATFORM_ANALYTICS_DATA_DIR": str(data_dir),
            "PLATFORM_ANALYTICS_API_PORT": str(self.api_port),
            "PLATFORM_ANALYTICS_FRONTEND_PORT": str(self.frontend_port),
            "PLATFORM_ANALYTICS_WEB_WORKERS": "1",
            **settings,
        }
        self.popen = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, app],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def announcement(self) -> str:
        """What it prints once it serves."""
        assert self.popen.stdout is not None
        lines = []
        while not lines or "Stop it" not in lines[-1]:
            line = self.popen.stdout.readline()
            assert line, f"it ended: {self.popen.communicate()[1]}"
            lines.append(line)
        return "".join(lines)

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """The exit status and what it said on stderr after that signal."""
        self.popen.send_signal(number)
        return self.result()

    def result(self) -> tuple[int, str]:
        _, said = self.popen.communicate(timeout=60)
        return self.popen.returncode, said

    def get(self, port: int | None = None) -> str | None:
        """The body of the first page; None when nothing answers."""
        connection = HTTPConnection("127.0.0.1", port or self.frontend_port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def web_pid(self) -> int:
        answer = self.get()
        assert answer
        return int(answer.split()[0])


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-tests-"))
    folder.chmod(0o711)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def begin(data_dir: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    (tmp_path / "application.py").write_text(APPLICATION)
    started: list[Run] = []

    def start(app: str = "application:create_app()", **settings: str) -> Run:
        started.append(Run(data_dir, tmp_path, app, settings))
        return started[-1]

    yield start
    for run in started:
        if run.popen.poll() is None:
            run.popen.terminate()
        run.popen.communicate(timeout=60)


def parent_of(answer: str | None) -> int | None:
    """The parent of the gunicorn that gave this answer."""
    if answer is None:
        return None
    try:
        return int(Path(f"/proc/{answer.split()[0]}/stat").read_text().split()[3])
    except OSError:
        return None


def workers_of(run: Run) -> list[int]:
    """The processes of worker.py that this run keeps up."""
    found = []
    for child in Path(f"/proc/{run.popen.pid}/task/{run.popen.pid}/children").read_text().split():
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if command.endswith(b"worker.py\0"):
            found.append(int(child))
    return found


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_told_to_stop(
    begin: Callable[..., Run], data_dir: Path, number: signal.Signals
) -> None:
    run = begin()
    told = run.announcement()
    assert f"http://127.0.0.1:{run.frontend_port}\n" in told
    assert f"http://127.0.0.1:{run.api_port}/api/docs" in told
    assert "Sign in as somebody." in told
    assert str(data_dir) in told
    assert run.get(run.frontend_port) == run.get(run.api_port) is not None
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    status, said = run.end(number)
    assert (status, said.splitlines()[-1]) == (0, "Stopping.")
    assert run.get() is None
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_second_one_is_told_so(begin: Callable[..., Run], data_dir: Path) -> None:
    first = begin()
    first.announcement()
    status, said = begin().result()
    assert status == 1
    assert said == (
        f"Already running (process {first.popen.pid}) at http://127.0.0.1:{first.frontend_port}, "
        f"with data in {data_dir}.\n"
    )
    assert first.get() is not None


@pytest.mark.parametrize("name", ["API", "FRONTEND"])
def test_a_port_in_use_is_named(begin: Callable[..., Run], name: str) -> None:
    setting = f"PLATFORM_ANALYTICS_{name}_PORT"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = begin(**{setting: str(port)}).result()
    assert status == 1
    assert said == f"Port {port} is in use by another program; stop that or set {setting} to a free one.\n"


def test_a_foreign_address_is_named(begin: Callable[..., Run]) -> None:
    status, said = begin(PLATFORM_ANALYTICS_HOST="192.0.2.1").result()
    assert status == 1
    assert said == "PLATFORM_ANALYTICS_HOST is no address of this machine: 192.0.2.1\n"


def test_a_killed_web_server_comes_back(begin: Callable[..., Run]) -> None:
    run = begin()
    run.announcement()
    killed = run.web_pid()
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: parent_of(run.get()) == run.popen.pid)


def test_a_killed_worker_comes_back(begin: Callable[..., Run]) -> None:
    run = begin(PLATFORM_ANALYTICS_WORKERS="2")
    run.announcement()
    assert eventually(lambda: len(workers_of(run)) == 2)
    killed = workers_of(run)[0]
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: killed not in workers_of(run) and len(workers_of(run)) == 2)
    started = workers_of(run)
    status, said = run.end(signal.SIGTERM)
    assert status == 0
    assert "The worker ended unexpectedly; starting it again." in said
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


def test_workers_can_be_left_to_others(begin: Callable[..., Run]) -> None:
    run = begin(PLATFORM_ANALYTICS_WORKERS="0")
    run.announcement()
    assert workers_of(run) == []


def test_a_killed_run_leaves_nothing_in_the_way(begin: Callable[..., Run]) -> None:
    first = begin()
    first.announcement()
    ports = {
        "PLATFORM_ANALYTICS_API_PORT": str(first.api_port),
        "PLATFORM_ANALYTICS_FRONTEND_PORT": str(first.frontend_port),
    }
    first.popen.kill()
    first.popen.wait()
    assert str(first.frontend_port) in begin(**ports).announcement()


def test_an_application_that_fails_to_load(begin: Callable[..., Run], data_dir: Path) -> None:
    status, said = begin("no_such_application:app").result()
    assert status == 1
    assert said.splitlines()[-1] == "The web server did not start; the lines above say why."
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_configured_stores_are_used_and_none_started(
    begin: Callable[..., Run], data_dir: Path, database_url: str, redis_url: str
) -> None:
    empty = data_dir.with_name("never")
    run = begin(DATABASE_URL=database_url, REDIS_URL=redis_url, PLATFORM_ANALYTICS_DATA_DIR=str(empty))
    run.announcement()
    assert run.get() is not None
    assert not empty.exists()


def test_a_postgresql_that_is_away_is_waited_for(begin: Callable[..., Run], redis_url: str) -> None:
    port = free_port(0)
    url = f"postgresql://somebody:a-secret@127.0.0.1:{port}/somewhere"
    status, said = begin(DATABASE_URL=url, REDIS_URL=redis_url).result()
    assert status == 1
    waiting, failing = said.splitlines()
    assert waiting.startswith(f"Waiting up to 0 seconds for PostgreSQL at 127.0.0.1:{port}: ")
    assert failing.startswith(f"PostgreSQL at 127.0.0.1:{port} can't be used: ")
    assert "a-secret" not in said


def test_a_postgresql_that_goes_while_it_starts_is_waited_for(begin: Callable[..., Run]) -> None:
    run = begin(GOES_ONCE="1")
    assert "Sign in as somebody." in run.announcement()
    status, said = run.end(signal.SIGTERM)
    assert status == 0
    assert "Waiting up to 0 seconds for PostgreSQL" in said
    assert "It went away." in said


def test_a_newer_schema_is_left_alone(begin: Callable[..., Run], database_url: str, redis_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("update alembic_version set version_num = '29990101'")
    status, said = begin(DATABASE_URL=database_url, REDIS_URL=redis_url).result()
    assert status == 1
    assert "newer version" in said
    assert len(said.splitlines()) == 1
