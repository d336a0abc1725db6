"""manage.py retention: what is due, what was done, and when."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from models.database import Database
from models.keys import Keys
from models.stores import Stores
from services import profiles
from services.ingest import events
from services.retention import schedule
from tests.commands.conftest import Ran
from tests.services.retention.test_addresses import visit

Run = Callable[..., Ran]
LONG_AGO = datetime.now(UTC) - timedelta(days=200)


@pytest.fixture
def old(profile: str, database: Database, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """The same profile with a visit of long ago."""
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    stores = Stores(database, client, Keys(tmp_path / "data" / "keys"))
    events.store(stores, [visit(each) for each in profiles.every(database)], LONG_AGO)
    yield profile
    client.close()


def answer(ran: Ran) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(ran.out)
    return found


def test_a_dry_run_tells_and_changes_nothing(run: Run, old: str) -> None:
    for _ in range(2):
        ran = run("retention", "run", "--dry-run", "--json")
        assert ran.status == 0
        addresses, ended, *_, everywhere = answer(ran)
        assert addresses == {
            "profile": old,
            "task": "addresses",
            "due": {"addresses": 1, "agents": 1, "alerts": 0, "live": 0},
        }
        assert ended["due"] == {"jobs": 0, "deliveries": 0, "repeats": 0, "runs": 0}
        assert (everywhere["profile"], everywhere["task"]) == (None, "everywhere")
    assert "addresses of visits: 1, user agents: 1" in run("retention", "run", "--dry-run").out


def test_a_run_does_what_is_due_and_status_tells_of_it(run: Run, old: str) -> None:
    assert {line.split("  ", 1)[1] for line in run("retention", "status").out.splitlines()} == {
        "addresses  never yet", "ended  never yet", "months  never yet", "requests  never yet",
        "keys  never yet",
    }  # fmt: skip
    ran = run("retention", "run", "--profile", old, "--json")
    addresses, ended, *_ = answer(ran)
    assert (addresses["before"], addresses["after"]) == (
        {"addresses": 1, "agents": 1},
        {"addresses": 0, "agents": 0},
    )
    assert (ended["before"], ended["problem"], ran.status) == ({}, None, 0)
    told = answer(run("retention", "status", "--json"))
    assert [each["task"] for each in told] == ["addresses", "ended", "months", "requests", "keys"]
    assert told[0] == addresses
    assert told[-1]["startedAt"] is None
    lines = run("retention", "run").out.splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["nothing was due"] * 4 + ["keys of past quarters: 1"]
    assert answer(run("retention", "status", "--json"))[-1]["before"] == {"keys": 1}


def test_one_that_failed_ends_with_1(run: Run, old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise ValueError

    [task, *_] = schedule.TASKS
    monkeypatch.setattr(schedule, "TASKS", (type(task)(task.name, task.label, task.counted, fail, task.due),))
    ran = run("retention", "run")
    assert ran.status == 1
    assert "An error of ours" in ran.out
