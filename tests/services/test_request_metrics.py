"""Requests are kept for a moment and stored at once; under pressure a sample of them, with its weight."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from sqlalchemy import func, select

from models.clock import now
from models.database import Database
from models.errors import Unavailable
from models.schema import api_request_metrics
from services.request_metrics import Recorder

R = api_request_metrics.c
AWAY = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def ask(recorder: Recorder, many: int = 1, at: datetime | None = None) -> None:
    for _ in range(many):
        recorder.note(at or now(), "/api/pnl/<uuid:profileId>", "GET", 200, 1.5, 20)


def stored(database: Database) -> tuple[int, int]:
    """How many rows there are, and how many requests they stand for."""
    with database.transaction() as tx:
        row = tx.first(select(func.count().label("rows"), func.coalesce(func.sum(R.weight), 0).label("all")))
    assert row is not None
    return row["rows"], row["all"]


def test_requests_are_stored_in_their_months(database: Database) -> None:
    recorder = Recorder(database, pause=60)
    ask(recorder, 3)
    ask(recorder, 2, datetime(2027, 2, 1, tzinfo=UTC))
    recorder.close()
    assert stored(database) == (5, 5)
    with database.transaction() as tx:
        row = tx.first(select(api_request_metrics).limit(1))
    assert row is not None
    assert (row["endpoint"], row["method"], row["status_code"]) == ("/api/pnl/<uuid:profileId>", "GET", 200)
    assert (row["response_time_ms"], row["bytes_sent"], row["weight"]) == (1.5, 20, 1)


def test_they_are_stored_by_themselves(database: Database) -> None:
    recorder = Recorder(database, pause=0.01)
    ask(recorder)
    while stored(database) == (0, 0):
        pass
    ask(recorder)  # what stores them has ended, and begins again
    while stored(database) != (2, 2):
        pass


def test_under_pressure_a_sample_stands_for_all(database: Database) -> None:
    recorder = Recorder(database, most=100, pause=60)
    ask(recorder, 1000)
    recorder.flush()
    rows, total = stored(database)
    assert rows < 100
    assert abs(total - 1000) <= 16  # the last ones wait for the one that stands for them
    ask(recorder, 5)
    recorder.flush()
    assert stored(database)[0] == rows + 5


def test_without_a_database_nothing_fails_and_little_is_kept(database: Database) -> None:
    recorder = Recorder(Database(AWAY), most=100, pause=60)
    ask(recorder, 500)
    with pytest.raises(Unavailable):
        recorder.flush()
    ask(recorder, 500)
    recorder.close()
    recorder._database = database
    recorder.flush()
    rows, total = stored(database)
    assert rows < 100
    assert abs(total - 1000) <= 32


def test_many_threads_lose_none(database: Database) -> None:
    recorder = Recorder(database, most=10_000, pause=0.01)
    threads = [Thread(target=ask, args=(recorder, 200)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    while stored(database)[0] < 1600:  # a batch may be on its way
        pass
    assert stored(database) == (1600, 1600)
