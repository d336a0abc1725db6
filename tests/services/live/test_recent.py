"""What was told last: what happened, in the order and with the ids of the stream."""

from datetime import timedelta
from pathlib import Path

from models.clock import now
from models.feed import Post
from models.keys import Keys
from models.stores import Stores, open_redis
from services.ingest import events
from services.ingest.inputs import Event
from services.live.engagement import engagement
from services.live.recent import MOST, recent
from services.profiles import Profile


def look(stores: Stores, anna: Profile, many: int) -> None:
    at = now()
    seen = [
        Event(
            profile_id=anna.profile_id,
            event_type="view",
            timestamp=at - timedelta(seconds=n),
            ip=f"10.0.0.{n % 250}",
        )
        for n in range(many)
    ]
    events.store(stores, seen, at)


def test_what_happened_without_the_figures(stores: Stores, anna: Profile) -> None:
    look(stores, anna, 2)
    stores.feed.publish([Post(anna.profile_id, (engagement(stores, anna.profile_id, now()).body,))])
    told = recent(stores, anna.profile_id)
    assert {(each["event"], each["data"]["ip"]) for each in told.messages} == {
        ("profile-view", "10.0.0.0"),
        ("profile-view", "10.0.0.1"),
    }
    assert [each["id"] for each in told.messages] == [
        entry.id for entry in stores.feed.latest(anna.profile_id, 10)[:2]
    ]
    assert told.position == stores.feed.position(anna.profile_id), "the position is that of the figures"


def test_the_newest_of_many(stores: Stores, anna: Profile) -> None:
    look(stores, anna, MOST + 20)
    told = recent(stores, anna.profile_id)
    assert len(told.messages) == MOST
    assert told.messages[-1]["id"] == told.position


def test_nothing_yet(stores: Stores, anna: Profile) -> None:
    assert (recent(stores, anna.profile_id).messages, recent(stores, anna.profile_id).position) == ((), "0-0")


def test_without_redis_nothing_is_known(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    away = Stores(stores.database, open_redis("redis://127.0.0.1:1"), Keys(tmp_path / "keys"))
    assert recent(away, anna.profile_id).position is None
