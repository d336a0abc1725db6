"""A clock that jumps: that of Redis, of a worker, of the web server, of a sender."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from models.clock import now
from models.feed import channel, order
from models.ids import new_id
from services.live.presence import presence
from tests.faults.conftest import Anna, ids, pause
from tests.faults.machine import eventually

HOUR = 3_600_000


def test_the_clock_of_redis_was_ahead(anna: Anna) -> None:
    """Its streams have entries of the future then; their ids go on rising behind those."""
    future = f"{int(now().timestamp() * 1000) + HOUR}-0"
    body = json.dumps({"event": "gift-purchased", "eventId": str(new_id()), "data": {}})
    anna.stores.redis.xadd(channel(anna.profile.profile_id), {"message": body}, id=future)
    ahead = anna.view()
    anna.stream.redis.xadd(anna.stream.name, {"event": json.dumps(ahead)}, id=future)
    views = [anna.view() for _ in range(20)]
    with anna.machine.workers(anna.stream.name):
        with anna.watcher() as watcher:
            anna.publish(*views[:10])
            watcher.hears(ids(views[:10]) | {ahead["id"]})
            assert order(watcher.heard[0]["id"]) > order(future)
        with anna.watcher(since=watcher.position) as again:
            anna.publish(*views[10:])
            again.hears(ids(views[10:]))
            assert "gap" not in again.said
        assert anna.settled()
    assert anna.dead() == []
    anna.holds(ids(views) | {ahead["id"]})
    anna.told(ids(views) | {ahead["id"]})


def test_an_event_from_the_future_is_a_dead_letter(anna: Anna) -> None:
    soon = anna.view() | {"occurredAt": (now() + timedelta(minutes=5)).isoformat()}
    later = anna.view() | {"occurredAt": (now() + timedelta(hours=1)).isoformat()}
    with anna.machine.workers(anna.stream.name):
        anna.publish(soon, later)
        assert anna.settled()
    (letter,) = anna.dead()
    assert json.loads(letter.text)["id"] == later["id"]
    assert "future" in letter.reason
    anna.holds({soon["id"]})
    assert anna.post(at=now() + timedelta(hours=1)).status_code == 422


@pytest.mark.parametrize("hours", [3.0, -3.0])
def test_the_clock_of_a_worker_jumps(anna: Anna, tmp_path: Path, hours: float) -> None:
    """One of two, in the middle of its work; and it dies with events in its hands."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    views = [anna.view(visitorId=f"v{number}") for number in range(600)]
    wrong = anna.machine.worker(anna.stream.name, FAULT_CLOCK=str(clock))
    try:
        with anna.machine.workers(anna.stream.name, {}), anna.watcher() as watcher:
            anna.publish(*views[:200])
            watcher.hears(ids(views[:200]))
            clock.write_text(str(hours))
            for start in range(200, 500, 20):
                anna.publish(*views[start : start + 20])
                pause(0.05)
            wrong.kill()
            wrong.wait()
            anna.publish(*views[500:])
            assert anna.settled()
            lost = {json.loads(letter.text)["id"] for letter in anna.dead()}
            # Of a clock that is behind, all that happens lies in the future; that can be tried again.
            assert not lost or hours < 0
            watcher.hears(ids(views) - lost)
        anna.holds(ids(views) - lost)
        anna.told(ids(views) - lost)
        seen = presence(anna.stores, anna.profile.profile_id, now())
        assert seen.last5 == len(views) - len(lost)
    finally:
        wrong.kill()
        wrong.wait()


def test_the_clock_of_the_web_server_jumps(anna: Anna, tmp_path: Path) -> None:
    """Past the end of a token, and back."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    server = anna.machine.serving(workers=1, app="tests.faults.seams:jumping()", FAULT_CLOCK=str(clock))
    with server:
        there = replace(anna, served=server)
        with there.watcher() as watcher:
            first = json.loads(there.post().request.body)["id"]
            watcher.hears({first})
            clock.write_text("48")
            watcher.says("subscribed", "error", "disconnected")
            clock.write_text("0")
            watcher.says("subscribed", "error", "disconnected", "subscribed")
            last = json.loads(there.post().request.body)["id"]
            watcher.hears({first, last})
        clock.write_text("-48")
        with there.watcher(since=watcher.position) as behind:
            assert eventually(lambda: there.post(at=now() - timedelta(hours=48)).status_code == 201, 10)
            assert there.post(at=now()).status_code == 422
            assert "gap" not in behind.said
