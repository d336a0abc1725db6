"""Redis goes, and comes back: with all that it knew, and without."""

import json
import os
from datetime import datetime
from threading import Event, Thread

import requests

from models.clock import now
from services.live.presence import presence
from tests.faults.conftest import Anna, ids, pause
from tests.faults.machine import eventually


def test_redis_is_restarted(anna: Anna) -> None:
    views = [anna.view() for _ in range(300)]
    posted: list[tuple[str, int]] = []
    stopping = Event()

    def visit() -> None:
        """Visitors don't wait for Redis."""
        while not stopping.wait(0.05):
            answer = anna.post()
            while answer.status_code == 503 and answer.json()["code"] == "busy":
                told = json.loads(answer.request.body)
                answer = anna.post(told["id"], datetime.fromisoformat(told["timestamp"]))
            posted.append((json.loads(answer.request.body)["id"], answer.status_code))

    visitors = [Thread(target=visit) for _ in range(2)]
    with anna.machine.workers(anna.stream.name), anna.watcher() as first, anna.watcher() as second:
        for visitor in visitors:
            visitor.start()
        anna.publish(*views[:100])
        pause(1)
        anna.machine.kill_redis()
        before = len(posted)
        pause(2)
        assert eventually(lambda: len(posted) > before + 10)
        anna.machine.start_redis()
        anna.publish(*views[100:])
        pause(2)
        stopping.set()
        for visitor in visitors:
            visitor.join()
        assert anna.settled()
        assert {status for _, status in posted} == {201}
        everything = ids(views) | {key for key, _ in posted}
        for watcher in (first, second):
            watcher.hears(everything)
            watcher.says("subscribed", "waiting", "live")
            assert "gap" not in watcher.said
            assert "disconnected" not in watcher.said
    anna.holds(everything)
    anna.told(everything)


def test_what_comes_last_while_redis_is_away_is_told_when_it_is_back(anna: Anna) -> None:
    """Nothing happens afterwards that would bring it along, and nobody watches where it came in."""
    with anna.machine.serving(workers=1) as elsewhere, anna.watcher() as watcher:
        anna.machine.kill_redis()
        answers = [anna.post(url=elsewhere) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {201}
        anna.machine.start_redis()
        watcher.hears({json.loads(answer.request.body)["id"] for answer in answers})


def test_redis_loses_the_last_that_it_acknowledged(anna: Anna) -> None:
    """What comes afterwards hides that something is missing: only a gap tells who was not there."""
    with anna.watcher() as awake:
        kept = json.loads(anna.post().request.body)["id"]
        awake.hears({kept})
        early = awake.position
        assert eventually(lambda: anna.stores.redis.info("persistence")["aof_buffer_length"] == 0)
        file, size = anna.machine.redis_log()
        lost = [json.loads(anna.post().request.body)["id"] for _ in range(5)]
        awake.hears({kept, *lost})
        late = awake.position
        anna.machine.kill_redis()
        os.truncate(file, size)
        anna.machine.start_redis()
        last = json.loads(anna.post().request.body)["id"]
        awake.hears({kept, *lost, last})
        awake.says("waiting", "live")
        assert "gap" not in awake.said
    for since in (early, late):
        with anna.watcher(since) as asleep:
            asleep.says("subscribed", "gap")
    with anna.watcher(awake.position) as here:
        then = json.loads(anna.post().request.body)["id"]
        here.hears({then})
        assert "gap" not in here.said


def test_redis_loses_all_that_it_knew(anna: Anna) -> None:
    before = [anna.view(visitorId=f"v{number}") for number in range(20)]
    with anna.machine.workers(anna.stream.name):
        with anna.watcher() as watcher:
            anna.publish(*before)
            watcher.hears(ids(before))
            anna.machine.kill_redis()
            anna.machine.start_redis(empty=True)
            watcher.says("waiting", "gap", "live")
            seen = presence(anna.stores, anna.profile.profile_id, now())
            assert (seen.last5, sum(seen.minutes)) == (20, 20)
            after = [anna.view(visitorId=f"v{number}") for number in range(10, 30)]
            anna.publish(*after)
            watcher.hears(ids(after))
            late = watcher.position
        asleep = anna.watcher(since="1774972800123-0")
        with asleep:
            asleep.says("subscribed", "gap")
        awake = anna.watcher(since=late)
        with awake:
            last = anna.view(visitorId="v30")
            anna.publish(last)
            awake.hears({last["id"]})
            assert "gap" not in awake.said
    everything = ids(before) | ids(after) | {last["id"]}
    seen = presence(anna.stores, anna.profile.profile_id, now())
    assert (seen.last5, sum(seen.minutes)) == (31, 41)
    anna.holds(everything)
    anna.told(ids(after) | {last["id"]})


def test_pages_and_sign_in_go_on_without_redis(anna: Anna) -> None:
    anna.machine.kill_redis()
    try:
        assert requests.get(f"{anna.url}/sign-in", timeout=30).status_code == 200
        assert requests.get(f"{anna.url}/readyz", timeout=30).json() == {"postgresql": "ok", "redis": "away"}
        assert anna.post().status_code == 201
    finally:
        anna.machine.start_redis()
