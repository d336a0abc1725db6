"""What the product holds while it runs: memory, open files, connections to PostgreSQL."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread

import psycopg

from tests.soak.installed import NAME, Installed

_EVERY = 2.0
_GROWN = 15.0
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


@dataclass
class Gauges:
    """Reads them until it is stopped."""

    installed: Installed
    samples: list[Sample] = field(default_factory=list)
    connections: list[tuple[float, int]] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event)
    _seen: dict[int, float] = field(default_factory=dict)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def by_quarter(self, kind: str, what: str) -> tuple[float, float]:
        """The medians of the first and the last quarter, of the processes that have grown up."""
        return _ends([(each.at, getattr(each, what)) for each in self.samples if each.kind == kind])

    def connections_by_quarter(self) -> tuple[float, float]:
        """The same for connections, of all processes together."""
        return _ends(self.connections)

    def _run(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._stopping.wait(_EVERY):
            now = time.monotonic()
            for each in self.installed.processes():
                born = self._seen.setdefault(each.pid, now)
                if now - born < _GROWN or each.kind not in KINDS:
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
