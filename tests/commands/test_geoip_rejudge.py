"""manage.py geoip rejudge: what still has its address is judged again."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from models.clock import now
from models.stores import Stores
from services.ingest import events
from services.ingest.inputs import Event
from tests.commands.conftest import Ran

Run = Callable[..., Ran]
SENATE = "156.33.195.33"


@pytest.fixture(autouse=True)
def visit(stores: Stores, profile: str) -> None:
    """A visit from the United States Senate that nobody judged."""
    events.store(stores, [Event(profile_id=UUID(profile), event_type="view", ip=SENATE)], now())


def test_it_finds_what_was_not_judged(run: Run, profile: str) -> None:
    first, second = (run("geoip", "rejudge", "--profile", profile, "--json") for _ in range(2))
    assert json.loads(first.out) == {"events": 1, "changed": 1, "alerts": 1}
    assert json.loads(second.out) == {"events": 1, "changed": 0, "alerts": 0}
    told = run("geoip", "rejudge")
    assert told.out == "1 events judged, 0 changed, 0 new alerts (not sent)\n"


def test_turned_off_it_fails(run: Run, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOV_DETECTION_ENABLED", "false")
    ran = run("geoip", "rejudge")
    assert (ran.status, ran.out) == (1, "")
    assert "turned off" in ran.err
