"""What the operator is told: counts, shares and times, from what was measured."""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import quantiles

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.clock import now
from models.database import Database
from models.errors import InvalidInput
from models.stores import Stores, open_redis
from services import operations
from services.operations import Window
from services.request_metrics import Recorder

PNL = "/api/pnl/<uuid:profileId>"


def store(database: Database, *requests: tuple[datetime, str, int, float]) -> None:
    recorder = Recorder(database, pause=60)
    for at, endpoint, status, took in requests:
        recorder.note(at, endpoint, "GET", status, took, None)
    recorder.close()


def test_nothing_was_asked(database: Database) -> None:
    found = operations.traffic(database, Window.HOUR, now())
    assert (found.requests, found.slowest, found.failing, found.is_sampled) == (0, (), (), False)
    assert len(found.points) == 60


@pytest.mark.parametrize(("window", "steps"), [(Window.HOUR, 60), (Window.DAY, 24), (Window.WEEK, 168)])
def test_every_step_of_a_window_is_there(database: Database, window: Window, steps: int) -> None:
    at = datetime.fromisoformat("2026-11-24T12:34:56+00:00")
    store(
        database,
        (at, PNL, 200, 1),
        (at - window.length + timedelta(hours=1), PNL, 404, 1),
        (at - window.length - timedelta(hours=1), PNL, 200, 1),
        (at + timedelta(seconds=1), PNL, 200, 1),
    )
    found = operations.traffic(database, window, at)
    assert len(found.points) == steps
    starts = [point.start for point in found.points]
    assert {late - early for early, late in pairwise(starts)} == {
        timedelta(minutes=1) if window is Window.HOUR else timedelta(hours=1)
    }
    assert starts[-1] <= at < starts[-1] + timedelta(hours=1)
    assert found.points[-1].requests >= 1
    assert found.requests == 2


def test_the_slowest_and_the_failing_come_first(database: Database) -> None:
    at = now()
    store(
        database,
        *((at, PNL, 200, took) for took in range(1, 101)),
        *((at, "/api/costs", 200, 500) for _ in range(3)),
        (at, "/api/costs", 503, 500),
        *((at, "unknown", 404, 1) for _ in range(5)),
    )
    found = operations.traffic(database, Window.HOUR, at)
    assert [each.endpoint for each in found.slowest] == ["/api/costs", PNL, "unknown"]
    pnl = found.slowest[1]
    assert (pnl.requests, pnl.median, pnl.p95, pnl.p99) == (100, 50.5, 95.05, 99.01)
    assert [(each.endpoint, each.refused, each.failed) for each in found.failing] == [
        ("/api/costs", 0, 1),
        ("unknown", 5, 0),
    ]
    assert [(point.requests, point.refused, point.failed) for point in found.points if point.requests] == [
        (109, 5, 1)
    ]


def test_a_sample_counts_for_what_it_stands_for(database: Database) -> None:
    at = now()
    recorder = Recorder(database, most=64, pause=60)
    for _ in range(256):
        recorder.note(at, PNL, "GET", 200, 1, None)
    recorder.flush()
    found = operations.traffic(database, Window.HOUR, at)
    assert found.is_sampled
    assert abs(found.requests - 256) <= 8
    assert found.slowest[0].requests == found.requests


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=60))
def test_percentiles_are_those_of_the_textbook(database: Database, took: list[int]) -> None:
    at = now()
    with database.transaction() as tx:
        tx.run(operations.api_request_metrics.delete())
    store(database, *((at, PNL, 200, float(each)) for each in took))
    (found,) = operations.traffic(database, Window.DAY, at).slowest
    hundredths = quantiles(took, n=100, method="inclusive")
    assert [found.median, found.p95, found.p99] == pytest.approx(
        [hundredths[49], hundredths[94], hundredths[98]]
    )


def test_a_window_that_there_is_none_of() -> None:
    assert Window.of({}) is Window.DAY
    with pytest.raises(InvalidInput, match="no window 'year'"):
        Window.of({"window": "year"})


def test_whether_everything_runs(stores: Stores) -> None:
    found = operations.states(stores, "domain-events", now())
    assert (found.postgresql, found.redis) == (True, True)
    assert found.events is not None
    assert found.events.workers == 0
    away = Stores(stores.database, open_redis("redis://127.0.0.1:1"), stores.keys)
    assert operations.states(away, "domain-events", now()) == operations.States(True, False, None)
