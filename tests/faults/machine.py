"""A whole installation whose parts can be killed one by one: engines of its own, web server, workers."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.database import Database
from models.embedded import binaries
from models.embedded.account import engine_account
from models.embedded.postgres import Postgres
from models.embedded.valkey import Valkey
from models.migrate import migrate
from models.stores import Stores, open_stores
from tests.served import Served

ROOT = Path(__file__).parents[2]
_SECRET = "of-this-machine-alone"


class Machine:
    """PostgreSQL and Redis that keep what they acknowledged, on ports that stay the same."""

    def __init__(self, folder: Path):
        self.folder = folder
        account = engine_account(folder / "postgres")
        programs = binaries.from_wheels() if account is None else binaries.copied_to(folder / "programs")
        self.postgres = Postgres(programs.postgres, folder / "postgres", account, _SECRET, 0, True)
        self.redis = Valkey(programs.valkey, folder / "valkey", account, _SECRET, 0, True)
        for engine in (self.postgres, self.redis):
            engine.prepare()
            engine.spawn()
        for engine in (self.postgres, self.redis):
            engine.wait_ready(lambda: False)
        database = Database(self.postgres.url)
        migrate(database)
        database.close()

    def stores(self) -> Stores:
        """The stores as the product opens them."""
        return open_stores(
            database_url=self.postgres.url,
            redis_url=self.redis.url,
            data_dir=self.folder / "data",
            patience=3,
        )

    def kill_redis(self) -> None:
        """As if its machine had lost power."""
        kill(self.redis.pid)

    def redis_log(self) -> tuple[Path, int]:
        """What Redis appends its commands to, and how many bytes that are now."""
        (file,) = (self.folder / "valkey" / "appendonlydir").glob("*.incr.aof")
        return file, file.stat().st_size

    def start_redis(self, empty: bool = False) -> None:
        """Where it was; `empty`: with nothing of what it knew."""
        if empty:
            shutil.rmtree(self.folder / "valkey" / "appendonlydir")
        self.redis.spawn(self.redis.port)
        self.redis.wait_ready(lambda: False)

    def stop_postgres(self) -> None:
        self.postgres.stop()

    def start_postgres(self) -> None:
        self.postgres.spawn(self.postgres.port)
        self.postgres.wait_ready(lambda: False)

    def worker(self, stream: str, **more: str) -> subprocess.Popen[bytes]:
        """worker.py as a process, on a stream of domain events; `more` are settings."""
        environ = {
            **os.environ,
            "DATABASE_URL": self.postgres.url.replace("+psycopg", ""),
            "REDIS_URL": self.redis.url,
            "PLATFORM_ANALYTICS_DATA_DIR": str(self.folder / "data"),
            "PLATFORM_ANALYTICS_EVENT_STREAM": stream,
            **more,
        }
        return subprocess.Popen([sys.executable, "-m", "tests.faults.seams"], cwd=ROOT, env=environ)

    @contextmanager
    def workers(self, stream: str, *more: dict[str, str]) -> Iterator[None]:
        """Two of them for as long as the block lasts, or one for each of these settings."""
        started = [self.worker(stream, **settings) for settings in more or ({}, {})]
        try:
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                assert process.wait(20) in (0, -signal.SIGTERM)

    def serving(self, workers: int = 2, app: str = "app:create_app()", **more: str) -> Served:
        """A web server that is not started yet; `more` are settings."""
        limits = {f"PLATFORM_ANALYTICS_{name}_PER_MINUTE": "1000000" for name in ("SOCKETS", "EVENTS")}
        settings = {**limits, **more}
        return Served(self.postgres.url, self.redis.url, self.folder / "data", workers, app, **settings)

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()


def kill(pid: int | None) -> None:
    """With -9, and returns when it is dead."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not _runs(pid), 10)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it becomes true in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
