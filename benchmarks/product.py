"""The product as it runs, for a benchmark: engines, gunicorn and a worker, in a folder of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from models import migrate
from models.clock import now
from models.embedded import engines, process
from models.stores import Stores, open_stores
from services import accounts, profiles
from services.profiles import Profile

ROOT = Path(__file__).parent.parent
EMAIL, PASSWORD = "bench@example.com", "a long enough password"
_PATIENCE = 60.0
_STOP = ((signal.SIGTERM, 10.0),)


@dataclass
class Product:
    """What runs. `port` is the web's; `profiles` are there and empty, and belong to EMAIL."""

    stores: Stores
    redis_url: str
    port: int
    profiles: list[Profile]
    environ: dict[str, str]
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def start_web(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "-m", "gunicorn", "--config", "python:commands.gunicorn_settings"]
        self.web = self._spawn([*command, "app:create_app()"])
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self.web.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The web server did not start; the lines above say why.")
            time.sleep(0.2)

    def start_worker(self) -> None:
        self.worker = self._spawn([sys.executable, "worker.py"])

    def stop_worker(self) -> None:
        if self.worker is not None:
            process.stop(self.worker, _STOP)

    def stop(self) -> None:
        self.stop_worker()
        if self.web is not None:
            process.stop(self.web, _STOP)

    def web_memory(self) -> int:
        """Bytes of memory that the web's processes hold, together."""
        return sum(_resident(pid) for pid in self.web_processes())

    def web_processes(self) -> list[int]:
        """gunicorn's workers."""
        assert self.web is not None
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def seconds(self) -> dict[str, float]:
        """CPU seconds that each kind of process took so far."""
        tick = os.sysconf("SC_CLK_TCK")

        def took(pids: list[int]) -> float:
            spent = 0
            for pid in pids:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                spent += int(fields[11]) + int(fields[12])
            return spent / tick

        return {
            "web": took(self.web_processes()),
            "worker": took([self.worker.pid]) if self.worker else 0.0,
        }

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        return process.spawn(command, death_signal=signal.SIGTERM, folder=ROOT, environ=self.environ)

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


@contextmanager
def product(many: int, web_workers: int) -> Iterator[Product]:
    """The product with `many` profiles, durable as in production; all of it ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-bench-"))
    folder.chmod(0o711)
    data = folder / "data"
    try:
        with engines(data, postgres_port=0, redis_port=0, purpose="the benchmark") as endpoints:
            assert endpoints.database_url and endpoints.redis_url
            stores = open_stores(
                database_url=endpoints.database_url, redis_url=endpoints.redis_url, data_dir=data
            )
            migrate.migrate(stores.database)
            port = process.free_port(0)
            generous = str(10**8)
            environ = {
                **os.environ,
                "DATABASE_URL": endpoints.database_url,
                "REDIS_URL": endpoints.redis_url,
                "PLATFORM_ANALYTICS_DATA_DIR": str(data),
                "PLATFORM_ANALYTICS_API_PORT": str(port),
                "PLATFORM_ANALYTICS_FRONTEND_PORT": str(port),
                "PLATFORM_ANALYTICS_WEB_WORKERS": str(web_workers),
                "PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE": generous,
                "PLATFORM_ANALYTICS_SOCKETS_PER_MINUTE": generous,
                "DEMO": "0",
            }
            started = Product(stores, endpoints.redis_url, port, _profiles(stores, many), environ)
            try:
                started.start_web()
                started.start_worker()
                yield started
            finally:
                started.stop()
                stores.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _profiles(stores: Stores, many: int) -> list[Profile]:
    with stores.database.transaction() as tx:
        account = accounts.add(tx, EMAIL, PASSWORD, now())
        made = [
            profiles.add(tx, name=f"Shop {number}", time_zone="America/New_York", currency="USD", at=now())
            for number in range(many)
        ]
        for profile in made:
            accounts.grant(tx, account.account_id, profile.profile_id, "owner", now())
    return made


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
