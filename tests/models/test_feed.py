"""The live streams: order, replay, gaps, and Redis away."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import redis

from models.clock import now
from models.embedded import Endpoints
from models.feed import KEPT, START, Feed, Post, Sighting, channel, order, seen_keys
from models.stores import open_redis

PROFILE, OTHER = uuid4(), uuid4()


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    opened = redis.Redis.from_url(redis_url, decode_responses=True)
    yield opened
    opened.close()


@pytest.fixture
def feed(client: redis.Redis) -> Feed:
    return Feed(client)


def test_entries_rise_and_profiles_are_apart(feed: Feed) -> None:
    feed.publish([Post(PROFILE, ("1", "2")), Post(OTHER, ("3",)), Post(PROFILE, ("4",))])
    entries = feed.after(PROFILE, START).entries
    assert [entry.body for entry in entries] == ["1", "2", "4"]
    assert sorted(entries, key=lambda entry: order(entry.id)) == list(entries)
    assert feed.position(PROFILE) == entries[-1].id
    assert [entry.body for entry in feed.after(PROFILE, entries[0].id).entries] == ["2", "4"]
    assert feed.position(uuid4()) == START


def test_a_channel_tells_what_its_stream_holds(feed: Feed, client: redis.Redis) -> None:
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(channel(PROFILE))
        heard.get_message(timeout=1)
        feed.publish([Post(PROFILE, ("a b",)), Post(PROFILE)])
        told = [message["data"] for _ in range(2) if (message := heard.get_message(timeout=1))]
    assert told == [f"{feed.position(PROFILE)} a b", ""]


def test_a_replay_says_when_there_is_more(feed: Feed) -> None:
    feed.publish([Post(PROFILE, tuple(map(str, range(10))))])
    first = feed.after(PROFILE, START, limit=4)
    assert first.more
    assert [entry.body for entry in first.entries] == ["0", "1", "2", "3"]
    rest = feed.after(PROFILE, first.entries[-1].id, limit=6)
    assert not rest.more
    assert len(rest.entries) == 6


def test_past_the_cap_there_is_a_gap(feed: Feed, client: redis.Redis) -> None:
    feed.publish([Post(PROFILE, ("first",))])
    since = feed.position(PROFILE)
    feed.publish([Post(PROFILE, tuple(map(str, range(KEPT + 1_000))))])
    replay = feed.after(PROFILE, since)
    assert replay.gap
    assert client.xlen(channel(PROFILE)) < KEPT + 500
    assert not feed.after(PROFILE, replay.entries[0].id).gap


def test_a_lost_stream_is_a_gap(feed: Feed, client: redis.Redis) -> None:
    since = client.xadd(channel(PROFILE), {"message": "before"}, id="1000-0")
    client.flushall()
    assert feed.after(PROFILE, since).gap
    assert not feed.after(PROFILE, START).gap
    feed.publish([Post(PROFILE, ("later",))])
    future = f"{order(feed.position(PROFILE))[0] + 60_000}-0"
    assert feed.after(PROFILE, future).gap
    assert feed.after(PROFILE, since).gap
    assert not feed.after(PROFILE, START).gap


def restart(client: redis.Redis) -> None:
    """As if another run of Redis had taken over what this one wrote to its disk."""
    client.set(f"{channel(PROFILE)}:run", "0" * 40)


def test_who_resumes_across_a_restart_may_have_missed_what_redis_lost(
    feed: Feed, client: redis.Redis
) -> None:
    feed.publish([Post(PROFILE, ("1", "2", "lost"))])
    first, second, lost = (entry.id for entry in feed.latest(PROFILE, 3))
    client.xdel(channel(PROFILE), lost)
    restart(client)
    # Whoever comes first: a reader, before anything is told that could hide the loss.
    assert feed.after(PROFILE, second).gap
    after = feed.position(PROFILE)
    feed.publish([Post(PROFILE, ("3",))])
    assert [feed.after(PROFILE, since).gap for since in (first, second, lost)] == [True] * 3
    assert not feed.after(PROFILE, after).gap
    assert [entry.body for entry in feed.latest(PROFILE, 3)] == ["2", "3"]
    # Who heard the channel up to the end has missed nothing, unless there was more than it heard.
    assert [feed.after(PROFILE, since, heard=True).gap for since in (first, second, lost)] == [
        True,
        False,
        False,
    ]


def test_a_restart_is_marked_once(feed: Feed, client: redis.Redis) -> None:
    feed.publish([Post(PROFILE, ("1",))])
    restart(client)
    for number in range(3):
        feed.publish([Post(PROFILE, (f"{number}",))])
    assert client.xlen(channel(PROFILE)) == 5
    assert not feed.after(PROFILE, feed.latest(PROFILE, 3)[0].id).gap


@pytest.mark.parametrize(
    "position",
    [
        "",
        "1",
        "1-",
        "-1",
        "a-b",
        "1-1-1",
        "²-0",
        "\u0663-0",
        "9" * 50 + "-0",
        f"{2**64}-0",
        f"0-{2**64 - 1}",
        "+",
    ],
)
def test_nonsense_is_no_position(feed: Feed, position: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        feed.after(PROFILE, position)


def test_the_last_position_of_all_is_asked_for(feed: Feed) -> None:
    feed.publish([Post(PROFILE, ("first",))])
    assert feed.after(PROFILE, f"{2**64 - 2}-{2**64 - 2}").gap


def test_a_view_counts_once_and_the_last_time_of_a_visitor(feed: Feed, client: redis.Redis) -> None:
    event, at = uuid4(), now()
    later, earlier = Sighting(event, "v", at), Sighting(uuid4(), "v", at - timedelta(minutes=2))
    feed.publish([Post(PROFILE, sightings=(later, earlier)), Post(PROFILE, sightings=(later,))])
    feed.publish([Post(PROFILE, sightings=(Sighting(uuid4(), "old", at - timedelta(hours=2)),))])
    views, visitors = seen_keys(PROFILE)
    assert client.zcard(views) == 2
    assert client.zrange(visitors, 0, -1, withscores=True) == [("v", int(at.timestamp() * 1000))]


def test_what_came_while_redis_was_away_is_told_later_in_order(endpoints: Endpoints, redis_url: str) -> None:
    away = open_redis("redis://127.0.0.1:1")
    feed = Feed(away)
    feed.publish([Post(PROFILE, ("1",))])
    feed.publish([Post(PROFILE, ("2",))])
    assert not feed.flush(at_once=True)
    away.connection_pool = redis.ConnectionPool.from_url(redis_url, decode_responses=True)
    assert feed.flush(at_once=True)
    feed.publish([Post(PROFILE, ("3",))])
    assert [entry.body for entry in feed.latest(PROFILE, 10)] == ["1", "2", "3"]


def test_what_waits_is_bounded_by_its_bodies_and_the_newest_stay(
    endpoints: Endpoints, redis_url: str
) -> None:
    away = open_redis("redis://127.0.0.1:1")
    feed = Feed(away)
    for number in range(12):
        feed.publish([Post(PROFILE, tuple(f"{number}" for _ in range(1_000)))])
    away.connection_pool = redis.ConnectionPool.from_url(redis_url, decode_responses=True)
    feed.publish([Post(OTHER, ("last",))])
    assert feed.flush(at_once=True)
    counts = redis.Redis.from_url(redis_url, decode_responses=True).xinfo_stream(channel(PROFILE))
    assert 9_000 <= counts["entries-added"] <= 10_000
    assert [entry.body for entry in feed.latest(PROFILE, 1)] == ["11"]
    assert [entry.body for entry in feed.latest(OTHER, 1)] == ["last"]


def test_much_is_told_whole_while_redis_is_there(feed: Feed, client: redis.Redis) -> None:
    feed.publish([Post(PROFILE, tuple(map(str, range(4_000)))) for _ in range(3)])
    assert client.xinfo_stream(channel(PROFILE))["entries-added"] == 12_000
