"""Partitions that may go, and those who need them again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event as Signal
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from models import partitions
from models.clock import now
from models.database import Database
from models.errors import Unavailable
from models.schema import api_request_metrics, profile_events
from services.profiles import Profile
from tests.models.test_database import partitions as names

EVENTS = "profile_events"
OLD, AT = datetime(2024, 10, 5, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)


def event(profile: Profile, at: datetime = OLD) -> dict[str, object]:
    return {
        "profile_id": profile.profile_id,
        "timestamp": at,
        "id": uuid4(),
        "event_type": "view",
        "local_date": at.date(),
        "visitor_key": b"v",
        "received_at": at,
    }


def drop(database: Database, before: datetime = AT) -> int:
    return partitions.drop(database, EVENTS, before, filled=False)


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """What another process has open."""
    opened = Database(database_url)
    yield opened
    opened.close()


def test_what_is_empty_and_over_goes(database: Database, anna: Profile) -> None:
    database.ensure_partitions([OLD, datetime(2024, 11, 5, tzinfo=UTC), AT])
    with database.transaction() as tx:
        tx.run(insert(profile_events).values(event(anna, datetime(2024, 11, 5, tzinfo=UTC))))
    before = {*names(database, EVENTS)}
    assert drop(database) >= 1
    after = {*names(database, EVENTS)}
    assert "profile_events_2024_10" in before - after
    assert {"profile_events_2024_11", "profile_events_2026_11"} <= after
    assert drop(database) == 0


@pytest.mark.parametrize(
    ("before", "goes"), [("2024-10-31T23:59:59+00:00", False), ("2024-11-01T00:00:00+00:00", True)]
)
def test_a_month_is_over_at_its_end(database: Database, before: str, goes: bool) -> None:
    database.ensure_partitions([OLD])
    drop(database, datetime.fromisoformat(before))
    assert ("profile_events_2024_10" not in names(database, EVENTS)) is goes


def test_filled_ones_go_where_that_is_asked_for(database: Database) -> None:
    table = "api_request_metrics"
    database.ensure_partitions([OLD, AT], table)
    rows = [
        {"timestamp": at, "id": uuid4(), "endpoint": "/", "method": "GET", "status_code": 200}
        | {"response_time_ms": 1.0}
        for at in (OLD, AT)
    ]
    with database.transaction() as tx:
        tx.run(insert(api_request_metrics), rows)
    assert partitions.drop(database, table, AT, filled=True) >= 1
    with database.transaction() as tx:
        assert [row["timestamp"] for row in tx.rows(select(api_request_metrics))] == [AT]


def test_who_believes_it_is_there_makes_it_again(database: Database, other: Database, anna: Profile) -> None:
    other.ensure_partitions([OLD])
    assert drop(database) >= 1
    other.ensure_partitions([OLD])  # it knows better, and does nothing
    with other.transaction() as tx:
        partitions.hold(tx, EVENTS, [OLD])
        tx.run(insert(profile_events).values(event(anna)))
    with database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(profile_events)) == 1
    assert drop(database) == 0


def test_who_held_nothing_is_asked_to_come_again(database: Database, other: Database, anna: Profile) -> None:
    other.ensure_partitions([OLD])
    assert drop(database) >= 1
    other.ensure_partitions([OLD])
    for attempt in (other.acting("somebody"), other):
        with pytest.raises(Unavailable, match="nothing was stored"), attempt.transaction() as tx:
            tx.run(insert(profile_events).values(event(anna)))
    other.ensure_partitions([OLD])
    with other.transaction() as tx:
        tx.run(insert(profile_events).values(event(anna)))
    with database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(profile_events)) == 1


def test_what_is_held_is_left(database: Database, other: Database, anna: Profile) -> None:
    other.ensure_partitions([OLD])
    with other.transaction() as tx:
        partitions.hold(tx, EVENTS, [OLD])
        assert drop(database) == 0
        tx.run(insert(profile_events).values(event(anna)))
    assert "profile_events_2024_10" in names(database, EVENTS)


def test_the_running_month_is_held_by_nobody(database: Database, other: Database) -> None:
    with other.transaction() as tx:
        partitions.hold(tx, EVENTS, [now()])
        database.ensure_partitions([OLD])
        assert drop(database) >= 1


def test_dropping_and_storing_at_once_loses_nothing(
    database: Database, other: Database, anna: Profile
) -> None:
    months = [datetime(2023, month, 5, tzinfo=UTC) for month in range(1, 13)]
    done = Signal()

    def store() -> None:
        try:
            for at in months * 3:
                other.ensure_partitions([at])
                with other.transaction() as tx:
                    partitions.hold(tx, EVENTS, [at])
                    tx.run(insert(profile_events).values(event(anna, at)))
                with other.transaction() as tx:
                    tx.run(profile_events.delete().where(profile_events.c.timestamp == at))
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        storing = pool.submit(store)
        while not done.is_set():
            drop(database)
        storing.result()
    with database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(profile_events)) == 0
