"""The processes that `manage.py run` starts and keeps up: the web server and the workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from models.embedded import process
from models.errors import CannotStart

ROOT = Path(__file__).parent.parent
_STEADY_SECONDS = 15.0
_MOST_RESTARTS = 3
_LONGEST_PAUSE = 60.0


@dataclass
class Child:
    """A process that is started again when it ends by itself. One without which nothing works is
    `essential`: when it ends again and again, all ends. Others are tried at longer and longer intervals."""

    name: str
    command: Sequence[str]
    environ: dict[str, str]
    essential: bool = True
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    _failures: int = 0
    _again_at: float | None = None

    def spawn(self) -> None:
        """Starts it; call from the main thread, with which it ends."""
        self.started_at, self._again_at = time.monotonic(), None
        self.running = process.spawn(
            [sys.executable, *self.command],
            # The engines end at the same moment: there is nothing to be graceful with.
            death_signal=signal.SIGINT,
            folder=ROOT,
            environ=self.environ,
        )

    def has_ended(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    def keep_up(self, say: Callable[[str], None]) -> None:
        """Starts it again if it ended. Raises CannotStart when an essential one does so again and again."""
        if not self.has_ended():
            return
        now = time.monotonic()
        if self._again_at is None:
            self._failures = 1 if now - self.started_at > _STEADY_SECONDS else self._failures + 1
            if self._failures > _MOST_RESTARTS and self.essential:
                raise CannotStart(f"The {self.name} ended again and again; the lines above say why.")
            many = self._failures - _MOST_RESTARTS
            pause = min(_LONGEST_PAUSE, 2.0 ** min(many, 10)) if many > 0 else 0.0
            self._again_at = now + pause
            soon = f" in {pause:.0f} seconds" if pause else ""
            say(f"The {self.name} ended unexpectedly; starting it again{soon}.")
        if now >= self._again_at:
            self.spawn()

    def stop(self) -> None:
        """Lets it finish what it has in hand: a web server answers what it has accepted (gunicorn's
        graceful_timeout is shorter than this)."""
        if self.running is not None:
            process.stop(self.running, ((signal.SIGTERM, 24.0), (signal.SIGINT, 3.0)))

    def kill(self) -> None:
        """Ends it, and the processes that it started, at once. What was acknowledged is stored."""
        if self.running is not None and self.running.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)  # it has a session of its own


def web_server(app: str, environ: dict[str, str]) -> Child:
    """gunicorn, with the application of that name."""
    gunicorn = ("-m", "gunicorn", "--config", "python:commands.gunicorn_settings", app)
    return Child("web server", gunicorn, environ)


def workers(number: int, environ: dict[str, str]) -> list[Child]:
    """So many background processes."""
    return [Child("worker", (str(ROOT / "worker.py"),), environ, essential=False) for _ in range(number)]


def stop(children: Sequence[Child]) -> None:
    """Stops all at the same time, and returns when they have ended."""
    stopping = [Thread(target=child.stop) for child in children]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
