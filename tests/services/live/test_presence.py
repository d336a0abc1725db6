"""Who is looking right now: Redis and PostgreSQL say the same."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from models.clock import now
from models.keys import Keys
from models.stores import Stores, open_redis
from services.ingest import events
from services.ingest.inputs import Event
from services.live.engagement import engagement
from services.live.presence import presence
from services.profiles import Profile

MINUTES_AGO = (0.1, 1.5, 4.9, 5.1, 12, 29, 31, 58, 62)


@pytest.fixture
def at(stores: Stores, anna: Profile) -> datetime:
    """The moment at which visitors were here each so many minutes ago, the last but one for the second
    time, with a bot and the owner beside them."""
    moment = now()
    seen = [
        Event(
            profile_id=anna.profile_id,
            event_type="view",
            timestamp=moment - timedelta(minutes=ago),
            visitor_id="twice" if ago in (1.5, 31) else f"v{ago}",
        )
        for ago in MINUTES_AGO
    ]
    others = [seen[0].model_copy(update={"is_owner": True, "visitor_id": "o"})]
    events.store(stores, seen + others, moment)
    return moment


def test_visitors_of_the_last_minutes(stores: Stores, anna: Profile, at: datetime) -> None:
    seen = presence(stores, anna.profile_id, at)
    assert (seen.last5, seen.last30) == (3, 6)
    assert len(seen.minutes) == 60
    assert sum(seen.minutes) == 8
    assert seen.minute <= at < seen.minute + timedelta(minutes=1)
    assert seen.position == stores.feed.position(anna.profile_id)


def test_lost_counters_are_counted_again(stores: Stores, anna: Profile, at: datetime) -> None:
    before = presence(stores, anna.profile_id, at)
    stores.redis.flushall()
    after = presence(stores, anna.profile_id, at)
    assert (after.last5, after.last30, after.minutes) == (before.last5, before.last30, before.minutes)
    # Told again, and once more, everybody counts once.
    events.store(
        stores,
        [Event(profile_id=anna.profile_id, event_type="view", visitor_id="new", timestamp=at, id=uuid4())],
        at,
    )
    assert presence(stores, anna.profile_id, at).last5 == before.last5 + 1


def test_without_redis_postgresql_says_the_same(
    stores: Stores, anna: Profile, at: datetime, tmp_path
) -> None:
    known = presence(stores, anna.profile_id, at)
    away = Stores(stores.database, open_redis("redis://127.0.0.1:1"), Keys(tmp_path / "keys"))
    alone = presence(away, anna.profile_id, at)
    assert (alone.last5, alone.last30, alone.minutes, alone.minute) == (
        known.last5, known.last30, known.minutes, known.minute,
    )  # fmt: skip
    assert alone.position is None


def test_the_engagement_of_today_is_what_the_metrics_say(stores: Stores, anna: Profile) -> None:
    moment = now()
    kinds = ("view", "view", "inquiry", "favorite", "share", "share")
    batch = [Event(profile_id=anna.profile_id, event_type=kind, visitor_id="ada") for kind in kinds]
    events.store(stores, batch, moment)
    message = engagement(stores, anna.profile_id, moment)
    assert message.event == "engagement-update"
    assert message.data == {
        "views": 2,
        "uniqueVisitors": 1,
        "inquiries": 1,
        "conversionRate": 0.5,
        "favorites": 1,
        "shares": 2,
        "date": anna.local_date(moment).isoformat(),
        "activeVisitors": {"last5Minutes": 1, "last30Minutes": 1},
    }
