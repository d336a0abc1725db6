"""The product as `manage.py run` keeps it up, on the engines of a Machine, with what it says in a file."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from models.embedded import process
from models.stores import Stores, open_stores
from tests.faults.machine import ROOT, Machine, eventually, kill

NAME = "soak"
"""What the connections of the soak's own are called in PostgreSQL."""


@dataclass(frozen=True)
class Running:
    """A process of the product. `kind` is "supervisor", "gunicorn", "web" or "worker"."""

    kind: str
    pid: int


class Installed:
    """To be started and killed by the main thread: children live as long as the thread that made them."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.port = process.free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = machine.folder / "product.log"
        plenty = str(10**8)
        self._environ = {
            **os.environ,
            "DATABASE_URL": machine.postgres.url.replace("+psycopg", ""),
            "REDIS_URL": machine.redis.url,
            "PLATFORM_ANALYTICS_DATA_DIR": str(machine.folder / "data"),
            "PLATFORM_ANALYTICS_API_PORT": str(self.port),
            "PLATFORM_ANALYTICS_FRONTEND_PORT": str(self.port),
            "PLATFORM_ANALYTICS_WEB_WORKERS": "2",
            "PLATFORM_ANALYTICS_WORKERS": "1",
            "PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE": plenty,
            "PLATFORM_ANALYTICS_EVENTS_PER_MINUTE": plenty,
            "PLATFORM_ANALYTICS_SOCKETS_PER_MINUTE": plenty,
            "DEMO": "0",
        }
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Does not wait until it answers."""
        with self.log.open("ab") as log:
            self._supervisor = process.spawn(
                [sys.executable, "manage.py", "run"],
                death_signal=signal.SIGTERM,
                output=log,
                folder=ROOT,
                environ=self._environ,
            )

    @property
    def has_ended(self) -> bool:
        return self._supervisor is None or self._supervisor.poll() is not None

    def kill(self) -> None:
        """The supervisor, with -9: what it started ends by itself."""
        assert self._supervisor is not None
        kill(self._supervisor.pid)
        self._supervisor.wait()

    def stop(self) -> None:
        if self._supervisor is not None:
            process.stop(self._supervisor, ((signal.SIGTERM, 30.0),))

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def require_answer(self) -> None:
        if not eventually(self.answers, 90):
            raise SystemExit(f"The product does not answer:\n{self.log.read_text()[-3000:]}")

    def processes(self) -> list[Running]:
        """What runs at this moment."""
        if self.has_ended:
            return []
        assert self._supervisor is not None
        found = [Running("supervisor", self._supervisor.pid)]
        for pid in _children(self._supervisor.pid):
            is_web = b"gunicorn" in _command(pid)
            found.append(Running("gunicorn" if is_web else "worker", pid))
            if is_web:
                found += [Running("web", each) for each in _children(pid)]
        return found

    def stores(self) -> Stores:
        """The same stores, by connections that can be told from the product's."""
        return open_stores(
            database_url=f"{self.machine.postgres.url}?application_name={NAME}",
            redis_url=self.machine.redis.url,
            data_dir=self.machine.folder / "data",
            patience=3,
        )


def _children(pid: int) -> Iterator[int]:
    try:
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
