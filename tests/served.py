"""The product as others meet it: really served."""

import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from models.embedded.process import free_port

ROOT = Path(__file__).parents[1]


class Served:
    """gunicorn on free ports of this machine, for as long as the block lasts; `more` are further settings.
    What was left can be entered again, at the same address."""

    def __init__(
        self,
        database_url: str,
        redis_url: str,
        folder: Path,
        workers: int = 1,
        app: str = "app:create_app()",
        **more: str,
    ):
        self.app = app
        self.ports = free_port(0), free_port(0)
        self.environ = {
            **os.environ,
            "DATABASE_URL": database_url.replace("+psycopg", ""),
            "REDIS_URL": redis_url,
            "PLATFORM_ANALYTICS_DATA_DIR": str(folder),
            "PLATFORM_ANALYTICS_API_PORT": str(self.ports[0]),
            "PLATFORM_ANALYTICS_FRONTEND_PORT": str(self.ports[1]),
            "PLATFORM_ANALYTICS_WEB_WORKERS": str(workers),
            "PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE": "100000",
            **more,
        }

    def __enter__(self) -> str:
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:commands.gunicorn_settings"]
        self.process = subprocess.Popen([*gunicorn, self.app], cwd=ROOT, env=self.environ)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError("gunicorn does not answer")
            time.sleep(0.1)
        return f"http://127.0.0.1:{self.ports[1]}"

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.ports[1], timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
