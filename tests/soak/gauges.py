"""What the product holds while it runs: memory, open files, connections to PostgreSQL.

Held against each other are the beginning and the end of the calm with which the soak ends, in which nobody
kills a process of the product: one that is killed every half minute hides whatever it would let grow.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from statistics import median
from threading import Event, Thread

import psycopg

from tests.soak.installed import NAME, Installed

_EVERY = 2.0
GROWN = 20.0
"""Seconds after which a process is taken to have loaded what it needs."""
KINDS = ("web", "worker", "supervisor")


@dataclass(frozen=True)
class Sample:
    """Of one process: bytes of memory that it holds, and its open files."""

    at: float
    kind: str
    pid: int
    memory: int
    files: int


@dataclass(frozen=True)
class Held:
    """Of one kind of process, while all was calm: the medians of the first and the last quarter of that time,
    of the process in which they differ most."""

    memory: tuple[float, float]
    files: tuple[float, float]


@dataclass
class Gauges:
    """Reads them until it is stopped."""

    installed: Installed
    samples: list[Sample] = field(default_factory=list)
    connections: list[tuple[float, int]] = field(default_factory=list)
    calm: float = inf
    """Since when no process of the product is killed."""
    _stopping: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def held(self, kind: str) -> Held | None:
        """None where no process of the kind lived through the calm."""
        calm = [each for each in self.samples if each.kind == kind and each.at > self.calm + GROWN]
        found = []
        for pid in {each.pid for each in calm}:
            own = [each for each in calm if each.pid == pid]
            if own[0].at < self.calm + GROWN + 3 * _EVERY + 10:
                found.append(
                    Held(
                        _ends([(each.at, each.memory) for each in own]),
                        _ends([(each.at, each.files) for each in own]),
                    )
                )
        return max(found, key=lambda each: each.memory[1] - each.memory[0], default=None)

    def connections_held(self) -> tuple[float, float]:
        """The same of the connections of all processes together."""
        return _ends([(at, many) for at, many in self.connections if at > self.calm + GROWN])

    def _run(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._stopping.wait(_EVERY):
            now = time.monotonic()
            for each in self.installed.processes():
                if each.kind not in KINDS:
                    continue
                with suppress(OSError):
                    held = int(Path(f"/proc/{each.pid}/statm").read_text().split()[1]) * page
                    files = len(list(Path(f"/proc/{each.pid}/fd").iterdir()))
                    self.samples.append(Sample(now, each.kind, each.pid, held, files))
            with (
                suppress(psycopg.Error),
                self.installed.machine.postgres._connect("postgres") as connection,
            ):
                row = connection.execute(
                    "select count(*) from pg_stat_activity where usename = 'platform_analytics' "
                    "and application_name <> %s",
                    [NAME],
                ).fetchone()
                assert row is not None
                self.connections.append((now, row[0]))


def _ends(samples: list[tuple[float, float]]) -> tuple[float, float]:
    if not samples:
        return 0.0, 0.0
    first, last = samples[0][0], samples[-1][0]
    quarter = (last - first) / 4
    early = [value for at, value in samples if at <= first + quarter]
    late = [value for at, value in samples if at >= last - quarter]
    return median(early), median(late)
