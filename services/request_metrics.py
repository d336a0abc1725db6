"""How long requests of the API take: kept in the process for a second, then stored all at once.

A request costs a list entry and waits for nothing. Where more come than are stored, every second one of
those kept is let go and stands from then on for both, so that what is kept stays small and the sums of the
weights stay right.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from models.database import Database
from models.errors import Unavailable
from models.ids import new_id
from models.schema import api_request_metrics

MOST = 4_000
"""Requests that are kept at once, at most."""
PAUSE = 1.0
"""Seconds from a request to when it is stored."""
RETRY = 5.0
"""Seconds for which the database is left alone after it did not answer."""
UNKNOWN = "unknown"
"""The endpoint of addresses that there are none of."""
_COLUMNS = (
    "timestamp", "id", "endpoint", "method", "status_code", "response_time_ms", "bytes_sent", "weight",
)  # fmt: skip
_log = logging.getLogger(__name__)


class Request(NamedTuple):
    """One request: `endpoint` is the template of its route, and `weight` how many it stands for."""

    timestamp: datetime
    id: UUID
    endpoint: str
    method: str
    status_code: int
    response_time_ms: float
    bytes_sent: int | None
    weight: int


class Recorder:
    """Keeps the requests of one process, and stores them; any thread may call it."""

    def __init__(self, database: Database, most: int = MOST, pause: float = PAUSE):
        self._database, self._most, self._pause = database, most, pause
        self._lock = Lock()
        self._kept: list[Request] = []
        self._every, self._seen = 1, 0
        self._writer: Thread | None = None
        self._not_before = 0.0
        self._closing = Event()

    def note(
        self, at: datetime, endpoint: str, method: str, status: int, took_ms: float, sent: int | None
    ) -> None:
        """Keeps this request, or lets it be stood for by another. Never fails and never waits for a store."""
        with self._lock:
            self._seen += 1
            if self._seen % self._every:
                return
            self._kept.append(Request(at, new_id(), endpoint, method, status, took_ms, sent, self._every))
            if len(self._kept) >= self._most:
                self._thin()
            idle = self._writer is None and monotonic() >= self._not_before and not self._closing.is_set()
            if idle:
                self._writer = Thread(target=self._write, name="request metrics", daemon=True)
        if idle and self._writer is not None:
            self._writer.start()

    def flush(self) -> None:
        """Stores what is kept, now. Raises Unavailable, and keeps it then."""
        with self._lock:
            rows, self._kept = self._kept, []
        if not rows:
            return
        try:
            self._database.ensure_partitions([row.timestamp for row in rows], "api_request_metrics")
            with self._database.transaction() as tx:
                tx.copy(api_request_metrics, _COLUMNS, rows)
        except BaseException:
            with self._lock:
                self._kept = rows + self._kept
                while len(self._kept) >= self._most:
                    self._thin()
            raise
        with self._lock:
            self._every = 1

    def close(self) -> None:
        """Stores what is kept, as the last thing that it does; does without where it can't."""
        self._closing.set()
        self._safely(self.flush)

    def _write(self) -> None:
        """Stores what came within a moment, and ends: nothing runs while nobody asks for anything."""
        self._closing.wait(self._pause)
        stored = self._safely(self.flush)
        with self._lock:
            self._writer = None
            self._not_before = 0.0 if stored else monotonic() + RETRY

    def _thin(self) -> None:
        self._kept = [row._replace(weight=row.weight * 2) for row in self._kept[::2]]
        self._every *= 2

    def _safely(self, store: Callable[[], None]) -> bool:
        try:
            store()
        except Unavailable:
            return False
        except Exception:
            _log.exception("Request metrics could not be stored")
            return False
        return True
