"""What waits in Redis: events that are not counted yet and dead letters are neither lost nor doubled."""

import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import func, select

from models.clock import now
from models.schema import profile_events
from models.stores import Stores
from services import backup, rollups
from services.backup.restoring import restore
from services.domain_events.consumer import Consumer
from services.domain_events.dead import letters, retry
from services.domain_events.stream import opened
from services.profiles import Profile
from tests.services.domain_events.conftest import VIEW, drain, event


def taken(stores: Stores, folder: Path) -> Path:
    """A backup of the product with a Redis of its own."""
    path = folder / "one.zip"
    with path.open("wb") as file:
        backup.take(stores, folder, file, "domain-events")
    return path


def put_back(stores: Stores, folder: Path, path: Path) -> int:
    """How many events wait then."""
    with backup.checked(path) as reader:
        return restore(stores, folder, reader, "domain-events", own_redis=True).events


def test_what_waits_is_counted_once_after_a_restore(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    texts = [json.dumps(event(anna, "profile.viewed", **VIEW)) for _ in range(30)]
    with opened(stores) as stream:
        stream.join()
        done, given, new = texts[:10], texts[10:20], texts[20:]
        stream.publish(done)
        ids = [message.id for message in stream.read("another", 10, 0)]
        stream.settle(ids, {}, {"profile.viewed": 10, "seconds": 1.5}, now())
        # Counted by nobody: one was given them and died, the others nobody asked for.
        stream.publish(given)
        assert len(stream.read("another", 10, 0)) == 10
        stream.publish(new)
        stream.publish(["\udcff is no event"])
    path = taken(stores, tmp_path)
    with opened(stores) as stream:
        stream.redis.set("something", "else")
        assert put_back(stores, tmp_path, path) == 21
        assert stream.redis.keys("something") == []
        found = [fields["event"] for _, fields in stream.redis.xrange(stream.name)]
        assert found == [*given, *new, "\udcff is no event"]
        assert stream.redis.hgetall(stream.totals) == {"profile.viewed": "10", "seconds": "1.5"}
        stream.join()
        worker = Consumer(stores, stream, "first", idle=0, grace=0)
        drain(worker)
        (dead,) = letters(stream)
        assert dead.text == "\udcff is no event"
    with stores.database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(profile_events)) == 20
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_dead_letters_keep_their_age(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    with opened(stores) as stream:
        for number in range(3):
            stream.redis.xadd(stream.dead, {"reason": "r", "event": f"e{number}"}, id=f"{number + 5}-1")
        before = list(letters(stream))
        put_back(stores, tmp_path, taken(stores, tmp_path))
        assert list(letters(stream)) == before
        # Where others stand already, they come behind them.
        path = taken(stores, tmp_path)
        with backup.checked(path) as reader:
            restore(stores, tmp_path, reader, "domain-events", own_redis=False)
        assert [letter.text for letter in letters(stream)] == ["e0", "e1", "e2"] * 2


def test_a_letter_that_is_put_back_in_the_middle_is_not_missed(
    stores: Stores, anna: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the stream was read, and before the dead letters are."""
    original, done = Redis.xrange, []

    def late(self: Redis, name: str, *arguments: Any, **more: Any) -> Any:
        if name == "domain-events:dead" and not done:
            done.append(name)
            with opened(stores) as other:
                assert retry(other) == 1
        return original(self, name, *arguments, **more)

    with opened(stores) as stream:
        stream.join()
        stream.redis.xadd(stream.dead, {"reason": "r", "event": "again"})
        monkeypatch.setattr(Redis, "xrange", late)
        path = taken(stores, tmp_path)
        monkeypatch.undo()
        assert done
        assert list(letters(stream)) == []
        assert put_back(stores, tmp_path, path) == 1
        assert [fields["event"] for _, fields in stream.redis.xrange(stream.name)] == ["again"]
