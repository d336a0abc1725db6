"""PostgreSQL's files can't grow any more: nothing is acknowledged, and all goes on when they can.

By a limit that every system lets a process have, where a full disk would take a file system of its own.
"""

import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from models.clock import now
from models.ids import new_id
from tests.faults.conftest import BROWSER, Anna

_LIMIT = 16 * 2**20 + 4096
"""The write-ahead log, whose files have 16 MB, has room."""
_BATCH = 300


@contextmanager
def cramped(anna: Anna) -> Iterator[None]:
    """PostgreSQL with files of so many bytes at most."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    anna.machine.stop_postgres()
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, before[1]))
    try:
        anna.machine.start_postgres()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        yield
    finally:
        anna.machine.stop_postgres()
        anna.machine.start_postgres()


def batch(anna: Anna) -> list[dict[str, Any]]:
    """Views that need a lot of room."""
    mine = {"profileId": str(anna.profile.profile_id), "eventType": "view", "timestamp": now().isoformat()}
    return [
        {**mine, "id": str(new_id()), "url": f"https://a.example/{secrets.token_urlsafe(1_300)}"}
        for _ in range(_BATCH)
    ]


def test_files_that_can_not_grow(anna: Anna) -> None:
    def post(events: list[dict[str, Any]]) -> requests.Response:
        headers = {"Authorization": f"Bearer {anna.token}", "User-Agent": BROWSER}
        address = f"{anna.url}/api/profile-analytics/event"
        return requests.post(address, json={"events": events}, headers=headers, timeout=60)

    stored: set[str] = set()
    with cramped(anna):
        answer = post(events := batch(anna))
        while answer.status_code == 201 or not stored:
            stored |= {event["id"] for event in events}
            assert len(stored) < 50 * _BATCH
            answer = post(events := batch(anna))
        refused = [answer, post(events)]
        assert [(each.status_code, each.json()["code"]) for each in refused] == [(503, "unavailable")] * 2
        assert all(each.headers["Retry-After"] for each in refused)
        anna.holds(stored)
    assert post(events).status_code == 201
    anna.holds(stored | {event["id"] for event in events})
