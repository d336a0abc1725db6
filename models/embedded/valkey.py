"""The embedded Valkey (it speaks Redis): started, asked whether it is ready, stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis

from models import private
from models.embedded import process
from models.embedded.account import Account
from models.embedded.directory import keep_short
from models.errors import CannotStart

_ENVIRON = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_STOP = ((signal.SIGTERM, 20.0),)
_READY_SECONDS = 120.0


class Valkey:
    """Valkey on `folder`, run as `account`; loses at most the last second when it is killed."""

    name = "Redis"

    def __init__(
        self,
        program: Path,
        folder: Path,
        account: Account | None,
        password: str,
        port: int,
        durable: bool,
    ):
        self._program = program
        self._folder = folder
        self._log = folder.with_name("valkey.log")
        self._account = account
        self._password = password
        self._port = port
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For redis-py."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def prepare(self) -> None:
        """Makes its folder. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            os.chown(self._folder, self._account.uid, self._account.gid)

    def spawn(self, port: int | None = None) -> None:
        """Starts it, on `port` or else on the preferred one if that is free; does not wait."""
        process.clear_leftovers("valkey-server", self._folder, _STOP)
        self._port = port if port is not None else process.free_port(self._port)
        # The password goes by a private file: arguments can be read by every user of the machine.
        settings = self._folder / "valkey.conf"
        private.write(settings, self._settings())
        if self._account:
            os.chown(settings, self._account.uid, self._account.gid)
        keep_short(self._log)
        with private.append(self._log) as log:
            self._process = process.spawn(
                [self._program, settings],
                death_signal=signal.SIGTERM,
                account=self._account,
                output=log,
                folder=self._folder,
                environ=_ENVIRON,
            )

    def wait_ready(self, cancelled: Callable[[], bool]) -> None:
        """Returns when it answers (it loads its log first) or `cancelled`.

        Raises CannotStart when it ended instead.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while not cancelled():
            if not self.alive:
                raise CannotStart(f"The built-in Redis did not start: {self._last_words()}")
            try:
                with redis.Redis.from_url(self.url, socket_timeout=5, retry=None) as client:
                    client.ping()
                return
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise CannotStart(f"The built-in Redis does not answer: {self._last_words()}") from None
                time.sleep(0.05)

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process is not None:
            process.stop(self._process, _STOP)

    def _settings(self) -> str:
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {self._password}",
            "dir .",
            f"appendonly {'yes' if self._durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "loglevel notice",
        ]
        return "\n".join(lines) + "\n"

    def _last_words(self) -> str:
        """The last line of the log, and where to read on."""
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return f"{lines[-1].strip() if lines else 'it says nothing'} (log: {self._log})"
