"""A profile with real visits, and the time that passes."""

import gzip
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from models.clock import now
from models.database import Rows
from models.retention import Periods
from models.schema import gov_alerts, profile_events
from models.stores import Stores
from services.imports.traffic import import_access_log
from services.profiles import Profile
from services.retention.task import Counts, Task

E, A = profile_events.c, gov_alerts.c
DATA = Path(__file__).parents[2] / "data"
GOING_ON = Event()
"""A process that is not to end."""


@pytest.fixture
def sample(stores: Stores, anna: Profile, tmp_path: Path) -> Profile:
    """A profile with a few visits of real logs, received just now."""
    path = tmp_path / "access_log_sample.log"
    shutil.copy(DATA / path.name, path)
    import_access_log(stores, anna, path)
    return anna


@pytest.fixture
def busy(stores: Stores, sample: Profile, tmp_path: Path) -> Profile:
    """The same with thousands of them."""
    path = tmp_path / "apache_access.log"
    path.write_bytes(gzip.decompress((DATA / f"{path.name}.gz").read_bytes()))
    import_access_log(stores, sample, path)
    return sample


@pytest.fixture
def does(stores: Stores) -> Callable[..., Counts]:
    """Runs a task for a profile, `days` from now."""

    def run(task: Task, profile: Profile, days: float = 0, stopping: Event = GOING_ON) -> Counts:
        return task.run(stores, profile.profile_id, in_days(days), Periods(), stopping)

    return run


def in_days(days: float) -> datetime:
    return now() + timedelta(days=days)


def stored(stores: Stores, profile: Profile, *columns: Any) -> Rows:
    """Columns of the profile's events, the first one first."""
    with stores.database.transaction() as tx:
        own = select(*columns or profile_events.c).where(E.profile_id == profile.profile_id)
        return tx.rows(own.order_by(E.timestamp, E.id))


def alerts(stores: Stores, profile: Profile) -> Rows:
    """The rows of its alerts, the first visit first."""
    with stores.database.transaction() as tx:
        own = select(gov_alerts).where(A.profile_id == profile.profile_id)
        return tx.rows(own.order_by(A.event_timestamp))
