"""Timings of requests to the API are dropped by whole months, of the installation at once."""

from collections.abc import Mapping
from datetime import datetime
from threading import Event
from uuid import UUID

from models import partitions
from models.retention import Periods
from models.stores import Stores
from services.retention.task import Counts, Task

_TABLE = "api_request_metrics"


def drop_requests(
    stores: Stores, profile_id: UUID, at: datetime, periods: Periods, stopping: Event
) -> Counts:
    """Drops each month of timings that ended longer ago than the period; whichever profile comes first does
    it for all."""
    before = _due(stores, profile_id, at, periods)
    partitions.drop(stores.database, _TABLE, at - periods.requests, filled=True)
    return Counts(before, _due(stores, profile_id, at, periods))


def _due(stores: Stores, profile_id: UUID, at: datetime, periods: Periods) -> Mapping[str, int]:
    return {"timings": len(partitions.over(stores.database, _TABLE, at - periods.requests, filled=True))}


TASK = Task(
    "requests",
    "Timings of requests dropped",
    {"timings": "months of timings of requests"},
    drop_requests,
    _due,
)
