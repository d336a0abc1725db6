"""The operator's page in words and rows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from components import operations
from components.format import Format
from services.domain_events.figures import Figures
from services.operations import Endpoint, Point, States, Traffic, Window
from tests.components.text import text

FMT = Format.of("en-GB")
AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
PNL = Endpoint("/api/pnl/<uuid:profileId>", "GET", 200, 4, 1, 5.25, 1234.4, 12_000)
ODD = Endpoint("unknown", "GET", 5, 5, 0, 1, 1, 1)


def traffic(sampled: bool = False, asked: bool = True) -> Traffic:
    points = tuple(Point(AT + timedelta(hours=hour), 10 * asked, int(asked), 0) for hour in range(24))
    endpoints = (PNL, ODD) if asked else ()
    return Traffic(Window.DAY, AT, endpoints, endpoints, points, sampled)


def figures(**changes: int) -> Figures:
    told = {"lag": 2, "pending": 1, "dead": 0, "workers": 1, "per_minute": 0, "repeated": 0, "given_up": 0}
    rest = {"retried": 0, "batches": 0, "batch_seconds": 0.0, "consumed": {}}
    return Figures(**{**told, **rest, **changes})


def test_endpoints_are_named_as_in_the_documentation() -> None:
    said = text(operations.slowest(traffic(), FMT))
    assert "GET /api/pnl/:profileId" in said
    assert "GET Unknown addresses" in said
    assert "5.2 ms" in said
    assert "1,234 ms" in said
    assert "12 s" in said


def test_shares_of_what_failed_and_was_refused() -> None:
    said = text(operations.failing(traffic(), FMT))
    assert "2%" in said
    assert "0.5%" in said
    assert "100%" in said


def test_a_sample_is_called_one() -> None:
    assert "some calls stand for several" in text(
        operations.volume(traffic(sampled=True), ZoneInfo("UTC"), FMT)
    )
    assert "several" not in text(operations.volume(traffic(), ZoneInfo("UTC"), FMT))


def test_nothing_was_asked() -> None:
    nothing = traffic(asked=False)
    assert "Nothing was asked" in text(operations.volume(nothing, ZoneInfo("UTC"), FMT))
    assert "Nothing was asked" in text(operations.slowest(nothing, FMT))
    assert "No call failed" in text(operations.failing(nothing, FMT))


def test_what_does_not_run_is_said_with_what_to_do() -> None:
    well = text(operations.states(States(True, True, figures()), FMT))
    assert "1 at work" in well
    assert "3 waiting" in well
    ill = text(operations.states(States(True, True, figures(workers=0, dead=7)), FMT))
    assert "Start worker.py" in ill
    assert "7: see manage.py events list-dead" in ill
    assert "Not known without Redis" in text(operations.states(States(True, False, None), FMT))


def test_steps_have_names_of_their_own_in_the_zone() -> None:
    drawn = operations.volume(traffic(), ZoneInfo("Asia/Kolkata"), FMT).to_plotly_json()
    assert "18:00" in str(drawn)
