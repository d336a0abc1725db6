"""Gathers the events of requests that arrive together into one commit.

A request that comes while another one commits waits, and is stored with all that came meanwhile; one
that comes alone waits for nothing. One request at a time leads: it commits for all that wait, and leaves
the lead to the next. Each is answered after the commit that holds its events.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Signal
from threading import Lock
from uuid import UUID

from models.errors import Busy, InvalidInput, NotFound, Unavailable
from models.stores import Stores
from services.ingest import events
from services.ingest.events import Outcome
from services.ingest.inputs import Event

MOST = 5_000
"""Events in one commit, but for a larger single request."""
_STOPPING = "The process is being stopped. Send this again, with ids of your own, so that it counts once."
PAUSE = 0.003
"""Seconds in which those that were just answered may come again, while many come at once."""


@dataclass
class _Request:
    events: Sequence[Event]
    outcome: Outcome | Exception | None = None
    woken: Signal = field(default_factory=Signal)


class Gatherer:
    """The door for events of one process; safe to use from many threads (or greenlets) at once."""

    def __init__(self, stores: Stores):
        self._stores = stores
        self._waiting: list[_Request] = []
        self._led = False
        self._crowded = False
        self._lock = Lock()

    def store(self, batch: Sequence[Event], received_at: datetime) -> Outcome:
        """The same as `events.store`, with the same errors."""
        request = _Request(batch)
        with self._lock:
            self._waiting.append(request)
            leads, self._led = not self._led, True
        if not leads:
            request.woken.wait()
        if request.outcome is None:
            self._lead(request, received_at)
        if isinstance(request.outcome, Exception):
            raise request.outcome
        assert request.outcome is not None
        return request.outcome

    def _lead(self, own: _Request, received_at: datetime) -> None:
        """Commits what waits until `own` is among it, then leaves the lead to the next that waits."""
        try:
            while own.outcome is None:
                if self._crowded:
                    time.sleep(PAUSE)
                requests = self._take()
                self._crowded = len(requests) > 1
                try:
                    self._commit(requests, received_at)
                finally:
                    for request in requests:
                        # Left open only when this process is being stopped.
                        request.outcome = request.outcome or Unavailable(_STOPPING)
                        request.woken.set()
        finally:
            with self._lock:
                self._led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].woken.set()

    def _take(self) -> list[_Request]:
        """The requests that have waited longest."""
        taken: list[_Request] = []
        size = 0
        with self._lock:
            while self._waiting and (not taken or size + len(self._waiting[0].events) <= MOST):
                taken.append(self._waiting.pop(0))
                size += len(taken[-1].events)
        return taken

    def _commit(self, requests: Sequence[_Request], received_at: datetime) -> None:
        try:
            whole = events.store(
                self._stores, [event for request in requests for event in request.events], received_at
            )
        except (InvalidInput, NotFound, Busy) as error:
            # One bad request must not spoil the others: each stands for itself then.
            busy: set[UUID] = set()
            for request in requests:
                own = {event.profile_id for event in request.events}
                alone = len(requests) == 1 or (isinstance(error, Busy) and own <= busy)
                request.outcome = error if alone else self._alone(request, received_at)
                if isinstance(request.outcome, Busy):
                    busy |= own  # who was waited for once is not waited for again
        except Exception as error:
            for request in requests:
                request.outcome = error
        else:
            start = 0
            for request in requests:
                end = start + len(request.events)
                request.outcome = whole.part(start, end)
                start = end

    def _alone(self, request: _Request, received_at: datetime) -> Outcome | Exception:
        try:
            return events.store(self._stores, request.events, received_at)
        except Exception as error:  # whatever it is, it is this request's answer: nobody waits for ever
            return error
