"""Gathers the events of requests that arrive together into one commit.

A request that comes while another one commits waits, and is stored with all that came meanwhile; one
that comes alone waits for nothing. Each is answered after the commit that holds its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from models.errors import InvalidInput, NotFound
from models.stores import Stores
from services.ingest import events
from services.ingest.events import Outcome
from services.ingest.inputs import Event

MOST = 5_000
"""Events in one commit, but for a larger single request."""


@dataclass
class _Request:
    events: Sequence[Event]
    outcome: Outcome | Exception | None = None


class Gatherer:
    """The door for events of one process; safe to use from many threads (or greenlets) at once."""

    def __init__(self, stores: Stores):
        self._stores = stores
        self._waiting: list[_Request] = []
        self._committing = Lock()

    def store(self, batch: Sequence[Event], received_at: datetime) -> Outcome:
        """The same as `events.store`, with the same errors."""
        request = _Request(batch)
        self._waiting.append(request)
        with self._committing:
            while request.outcome is None:
                self._commit(self._take(), received_at)
        if isinstance(request.outcome, Exception):
            raise request.outcome
        return request.outcome

    def _take(self) -> list[_Request]:
        """The requests that have waited longest."""
        taken: list[_Request] = []
        size = 0
        while self._waiting and (not taken or size + len(self._waiting[0].events) <= MOST):
            taken.append(self._waiting.pop(0))
            size += len(taken[-1].events)
        return taken

    def _commit(self, requests: Sequence[_Request], received_at: datetime) -> None:
        try:
            whole = events.store(
                self._stores, [event for request in requests for event in request.events], received_at
            )
        except (InvalidInput, NotFound) as error:
            # One bad request must not spoil the others: each stands for itself then.
            for request in requests:
                request.outcome = error if len(requests) == 1 else self._alone(request, received_at)
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
