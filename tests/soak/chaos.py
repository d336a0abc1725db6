"""Kills a part of the installation every few seconds, and brings it back after a pause."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import psycopg

from tests.faults.machine import eventually, kill
from tests.soak.installed import NAME, Installed
from tests.soak.journal import WEB, Fault, Journal

MOST_AWAY = 2
PAUSES = 3.0, 9.0
"""Seconds between two kills."""
AWAY = 0.5, 8.0
"""Seconds for which an engine stays away."""
_SPARED = 30.0
"""Seconds between two kills of gunicorn: who dies again and again at once is given up, as it should be."""
_WEIGHTS = {"web": 4, "gunicorn": 1, "supervisor": 1, "worker": 3, "redis": 3, "postgres": 2, "backend": 2}


@dataclass
class _Due:
    at: float
    restore: Callable[[], None]
    fault: Fault


class Chaos:
    """`turn` is one look around; from the main thread alone. From the moment `calm` on (on the monotonic
    clock) the engines alone are killed."""

    def __init__(
        self,
        installed: Installed,
        journal: Journal,
        random: Random,
        say: Callable[[str], None],
        calm: float,
    ):
        self._calm = calm
        self._installed, self._journal, self._random, self._say = installed, journal, random, say
        self._due: list[_Due] = []
        self._next = time.monotonic() + 5
        self._spared: dict[str, float] = {}

    def turn(self) -> None:
        """Restores what is due, and kills something when it is time."""
        now = time.monotonic()
        for due in [each for each in self._due if each.at <= now]:
            self._due.remove(due)
            due.restore()
            due.fault.ended = time.monotonic()
        if not self._due and self._installed.has_ended:
            self._journal.note("manage.py run ended by itself")
            fault = Fault("supervisor", now)
            with self._journal.lock:
                self._journal.faults.append(fault)
            self._due.append(_Due(now, self._start, fault))
        if now >= self._next and len(self._due) < MOST_AWAY:
            self._next = now + self._random.uniform(*PAUSES)
            self._strike(now)

    def restore(self) -> None:
        """Everything, now."""
        for due in sorted(self._due, key=lambda each: each.fault.kind not in ("postgres", "redis")):
            due.restore()
            due.fault.ended = time.monotonic()
        self._due.clear()

    def _strike(self, now: float) -> None:
        away = {due.fault.kind for due in self._due}
        possible = {kind: weight for kind, weight in _WEIGHTS.items() if self._may(kind, away, now)}
        # Drawn from what there is in every case: the same seed draws the same ones.
        (kind,) = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        pause = self._random.uniform(*AWAY)
        if kind not in possible:
            return
        fault = Fault(kind, now)
        with self._journal.lock:
            self._journal.faults.append(fault)
        restore = getattr(self, f"_{kind}")()
        self._spared[kind] = now + _SPARED
        self._say(f"killed {kind}" + (f" for {pause:.1f} s" if restore else ""))
        if restore is None:
            self._due.append(_Due(now + 1, lambda: self._web_is_back(kind), fault))
        else:
            self._due.append(_Due(now + pause, restore, fault))

    def _may(self, kind: str, away: set[str], now: float) -> bool:
        if now >= self._calm and kind in (*WEB, "worker"):
            return False
        if kind in away or ("supervisor" in away and kind in ("web", "gunicorn", "worker")):
            return False
        if kind in ("backend", "postgres") and away & {"backend", "postgres"}:
            return False
        return kind not in ("gunicorn", "supervisor") or now >= self._spared.get(kind, 0)

    def _web_is_back(self, kind: str) -> None:
        if kind != "worker" and not eventually(self._installed.answers, 60):
            self._journal.note(f"the web did not come back after its {kind} was killed")

    def _one(self, kind: str) -> None:
        pids = [each.pid for each in self._installed.processes() if each.kind == kind]
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(pids), signal.SIGKILL)

    def _web(self) -> None:
        self._one("web")

    def _gunicorn(self) -> None:
        self._one("gunicorn")

    def _worker(self) -> None:
        self._one("worker")

    def _supervisor(self) -> Callable[[], None]:
        self._installed.kill()
        return self._start

    def _start(self) -> None:
        self._installed.start()
        self._web_is_back("supervisor")

    def _redis(self) -> Callable[[], None]:
        self._installed.machine.kill_redis()
        return self._installed.machine.start_redis

    def _postgres(self) -> Callable[[], None]:
        kill(self._installed.machine.postgres.pid)
        return self._installed.machine.start_postgres

    def _backend(self) -> Callable[[], None]:
        """One of PostgreSQL's processes: it ends all others then, and recovers by itself."""
        machine = self._installed.machine
        with suppress(psycopg.Error), machine.postgres._connect("postgres") as connection:
            rows = connection.execute(
                "select pid from pg_stat_activity where backend_type = 'client backend' "
                "and pid <> pg_backend_pid() and application_name <> %s order by pid",
                [NAME],
            ).fetchall()
            if rows:
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(rows)[0], signal.SIGKILL)
        return lambda: machine.postgres.wait_ready(lambda: False)
