"""The listener of a process: everything once, in order, whatever happens to its connection."""

import json
from collections.abc import Callable, Iterator
from queue import Queue
from uuid import UUID

import pytest

from models.clock import now
from models.feed import START, Entry, Post, channel, order
from models.ids import new_id
from models.stores import Stores
from services.ingest import events
from services.ingest.inputs import Event
from services.live.figures import COUNTING, Figures
from services.live.listener import Listener
from services.live.message import ENGAGEMENT_UPDATE, Message
from services.profiles import Profile

PATIENCE = 15.0
Start = Callable[[], Listener]


class Ear:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: Queue[tuple[str, str]] = Queue()

    def deliver(self, entry_id: str, frame: bytes) -> None:
        self.told.put((entry_id, frame.decode()))

    def gap(self, position: str) -> None:
        self.told.put((position, "gap"))

    def waiting(self) -> None:
        self.told.put(("", "waiting"))

    def live(self) -> None:
        self.told.put(("", "live"))

    def next(self) -> tuple[str, str]:
        """What comes next, without figures."""
        while True:
            entry_id, words = self.told.get(timeout=PATIENCE)
            if ENGAGEMENT_UPDATE not in words:
                return entry_id, words

    def figures(self) -> dict[str, int]:
        """Those that come next."""
        while True:
            _, words = self.told.get(timeout=PATIENCE)
            if ENGAGEMENT_UPDATE in words:
                data: dict[str, int] = json.loads(words)["data"]
                return data


@pytest.fixture
def start(stores: Stores) -> Iterator[Start]:
    """Starts listeners, as those of several processes."""
    started = []

    def one() -> Listener:
        listener = Listener(stores, _encode, lambda: None)
        started.append(listener)
        return listener

    yield one
    for listener in started:
        listener.close()


def _encode(entry: Entry) -> bytes:
    return entry.body.encode()


def watching(listener: Listener, profile: Profile) -> Ear:
    """An ear that hears what is told from now on."""
    ear = Ear()
    listener.watch(profile.profile_id, ear)
    assert listener.position(profile.profile_id, PATIENCE) is not None
    return ear


def tell(stores: Stores, profile: Profile, *names: str) -> list[str]:
    """Publishes messages; returns their ids."""
    before = stores.feed.position(profile.profile_id)
    bodies = tuple(body(profile.profile_id, name) for name in names)
    stores.feed.publish([Post(profile.profile_id, bodies)])
    entries = stores.feed.after(profile.profile_id, before).entries
    return [entry.id for entry in entries if ENGAGEMENT_UPDATE not in entry.body]


def body(profile_id: UUID, name: str) -> str:
    return Message(profile_id, name, new_id(), {}).body


def test_each_watcher_hears_its_own(stores: Stores, start: Start, anna: Profile, priya: Profile) -> None:
    listener = start()
    first, second, other = watching(listener, anna), watching(listener, anna), watching(listener, priya)
    told = tell(stores, anna, "one", "two")
    for ear in (first, second):
        assert [ear.next()[0] for _ in told] == told
    (last,) = tell(stores, priya, "three")
    assert other.next()[0] == last


def test_a_position_is_where_what_comes_begins(stores: Stores, start: Start, anna: Profile) -> None:
    listener = start()
    known = tell(stores, anna, "one", "two")
    ear = Ear()
    listener.watch(anna.profile_id, ear)
    position = listener.position(anna.profile_id, PATIENCE)
    assert position is not None
    assert order(position) >= order(known[-1])
    told = tell(stores, anna, "three")
    assert [ear.next()[0]] == told


def test_nobody_hears_after_leaving(stores: Stores, start: Start, anna: Profile) -> None:
    listener = start()
    stays, leaves = watching(listener, anna), watching(listener, anna)
    listener.unwatch(anna.profile_id, leaves)
    told = tell(stores, anna, "one")
    assert [stays.next()[0]] == told
    assert told[0] not in [entry_id for entry_id, _ in list(leaves.told.queue)]


def test_what_was_missed_comes_in_order(stores: Stores, start: Start, anna: Profile) -> None:
    listener = start()
    ear = watching(listener, anna)
    told = tell(stores, anna, "one")
    stores.redis.client_kill_filter(_type="pubsub")
    told += tell(stores, anna, "two", "three")
    heard = [ear.next() for _ in range(5)]
    assert [words for entry_id, words in heard if not entry_id] == ["waiting", "live"]
    told += tell(stores, anna, "four")
    heard.append(ear.next())
    assert [entry_id for entry_id, _ in heard if entry_id] == told


def test_a_redis_that_lost_everything_is_a_gap(stores: Stores, start: Start, anna: Profile) -> None:
    listener = start()
    ear = watching(listener, anna)
    (told,) = tell(stores, anna, "one")
    assert ear.next()[0] == told
    stores.redis.delete(channel(anna.profile_id))
    stores.redis.client_kill_filter(_type="pubsub")
    heard = [ear.next() for _ in range(3)]
    assert [words for _, words in heard] == ["waiting", "gap", "live"]
    (later,) = tell(stores, anna, "two")
    assert ear.next()[0] == later


def test_figures_come_at_once_then_after_the_last_of_a_burst(
    stores: Stores, start: Start, anna: Profile
) -> None:
    """Computed by one of several processes, for all of them."""
    ears = [watching(start(), anna) for _ in range(3)]
    for ear in ears:
        assert ear.figures()["views"] == 0
    many = 40
    for _ in range(many):
        view = Event(profile_id=anna.profile_id, event_type="view", ip="192.0.2.1")
        events.store(stores, [view], now())
    for ear in ears:
        while ear.figures()["views"] != many:
            pass
    told = [entry for entry in stores.feed.latest(anna.profile_id, 1_000) if ENGAGEMENT_UPDATE in entry.body]
    assert len(told) < many / 2


def test_figures_go_down_without_an_event(
    stores: Stores, start: Start, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are computed again as long as there are visitors."""
    monkeypatch.setattr(Figures, "AGAIN", 0.1)
    ear = watching(start(), anna)
    events.store(stores, [Event(profile_id=anna.profile_id, event_type="view", ip="192.0.2.1")], now())
    while ear.figures()["views"] == 0:
        pass
    for _ in range(2):
        assert ear.figures()["views"] == 1


def test_figures_that_somebody_died_over_are_computed(
    stores: Stores, start: Start, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Figures, "LOST", 0.5)
    ear = watching(start(), anna)
    ear.figures()
    stores.redis.set(f"{channel(anna.profile_id)}:figures", 1)
    stores.feed.publish([Post(anna.profile_id)])
    stores.redis.publish(channel(anna.profile_id), COUNTING)
    stores.redis.delete(f"{channel(anna.profile_id)}:figures")
    ear.figures()


def test_what_is_said_of_a_profile_that_nobody_watches_begins_nothing(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    """The last watcher may leave while the listener hears something."""
    figures = Figures(stores)
    with stores.redis.pubsub() as said:
        said.subscribe(channel(priya.profile_id))
        figures.heard(anna.profile_id, "")
        figures.wanted(priya.profile_id)
        while ENGAGEMENT_UPDATE not in str(said.get_message(timeout=PATIENCE)):
            pass
    figures.close()
    assert stores.feed.position(anna.profile_id) == START


def test_figures_of_what_nobody_watches_are_not_computed(
    stores: Stores, start: Start, anna: Profile, priya: Profile
) -> None:
    listener = start()
    ear, left = watching(listener, anna), watching(listener, priya)
    left.figures()
    listener.unwatch(priya.profile_id, left)
    before = stores.feed.position(priya.profile_id)
    for profile in (priya, anna):
        stores.feed.publish([Post(profile.profile_id)])
    ear.figures()
    ear.figures()
    assert stores.feed.position(priya.profile_id) == before != START
