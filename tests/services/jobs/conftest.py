"""Jobs over a profile with data, and what is left of them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from models.clock import now
from models.schema import cost_entries, jobs
from models.stores import Stores
from services.imports.statements import Overrides
from services.imports.upload import Upload
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.jobs import Job, ledger
from services.profiles import Profile

BY = "anna@example.com"


def statement(rows: int, kind: Any = "costs") -> Upload:
    """A file of so many rows."""
    sign = "-" if kind == "costs" else ""
    lines = [f"2026-10-{1 + row % 28:02},Lamp {row},{sign}{1 + row}.50,EUR" for row in range(rows)]
    text = "\n".join(["Date,Description,Amount,Currency", *lines])
    choice = "tools" if kind == "costs" else "booking"
    return Upload(kind, "lamps.csv", text.encode(), choice, Overrides(date_order="ymd"))


def seen(stores: Stores, job: Job) -> Job:
    """The job as it is now."""
    with stores.database.transaction() as tx:
        return ledger.find(tx, job.profile_id, job.job_id)


def has_file(stores: Stores, job: Job) -> bool:
    with stores.database.transaction() as tx:
        mine = (jobs.c.profile_id == job.profile_id) & (jobs.c.job_id == job.job_id)
        return tx.value(select(jobs.c.file).where(mine)) is not None


def costs_of(stores: Stores, profile: Profile) -> int:
    """How many costs the profile has."""
    mine = select(func.count()).where(cost_entries.c.profile_id == profile.profile_id)
    with stores.database.transaction() as tx:
        return int(tx.value(mine))


def told(stores: Stores, profile_id: UUID) -> list[dict[str, Any]]:
    """What was told live of the profile's jobs, the oldest first."""
    bodies = [json.loads(entry.body) for entry in stores.feed.after(profile_id, "0-0").entries]
    return [body["data"] for body in bodies if body["event"] == "job"]


@pytest.fixture
def with_data(stores: Stores, anna: Profile, publish: Callable[..., None]) -> Profile:
    """Anna with a view and a sale of today."""
    publish("JPY", now().date().isoformat(), "160")
    view = Event(profile_id=anna.profile_id, event_type="view")
    events.store(stores, [view], now())
    gift = Transaction(profile_id=anna.profile_id, transaction_type="gift", amount="10")
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [gift], now())
    return anna
