"""What is told live, heard once by this process for all who watch here.

One connection to Redis is subscribed to the channels of the watched profiles. When it breaks it is made
anew, and what was told meanwhile is read from the streams: watchers get each entry once and in order, or
hear of a gap. Watchers are called on the listener's thread and must not wait there.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, Protocol
from uuid import UUID

from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from models.feed import Entry, channel, order
from models.stores import Stores
from services.live.figures import Figures

_SILENCE = 5.0
"""Seconds without a word from Redis after which it is asked for one; after as many more it is away."""
_PAUSES = (0.5, 2.0)
_LINGER = 5.0
"""Seconds for which a channel is heard on after its last watcher, who may just be loading a page."""
_MANY = 256

_log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who watches one profile."""

    def deliver(self, entry_id: str, frame: bytes) -> None:
        """The next entry, as the listener's `encode` made it."""

    def gap(self, position: str) -> None:
        """Entries are lost; the next one comes after `position`."""

    def waiting(self) -> None:
        """Redis is away: what happens is told later."""

    def live(self) -> None:
        """Redis is back, and all that was missed is delivered."""


@dataclass
class _Channel:
    profile_id: UUID
    watchers: tuple[Watcher, ...] = ()
    newest: str | None = None
    """The id of the last entry that was delivered."""
    heard: Event = field(default_factory=Event)
    """Set while all that the channel says is heard."""
    left_at: float = 0.0


class Listener:
    """The ears of this process. `encode` makes of an entry what all its watchers get, once for all; `rest`
    is called after some entries at most, to send them before the next ones are heard."""

    def __init__(self, stores: Stores, encode: Callable[[Entry], bytes], rest: Callable[[], None]):
        self._stores, self._encode, self._rest = stores, encode, rest
        self._figures = Figures(stores)
        self._channels: dict[UUID, _Channel] = {}
        self._names: dict[str, _Channel] = {}
        self._lock = Lock()
        self._connection: Any = None  # redis.Connection: it has no types for what a subscriber reads
        self._thread: Thread | None = None
        self._stopping = Event()
        self.is_live = False
        self._told_away = False

    def watch(self, profile_id: UUID, watcher: Watcher) -> None:
        """From now on the watcher gets what is told of the profile; see `position`."""
        with self._lock:
            known = self._channels.get(profile_id)
            if known is None:
                known = self._channels[profile_id] = _Channel(profile_id)
                self._names[channel(profile_id)] = known
                self._send("SUBSCRIBE", channel(profile_id))
            known.watchers += (watcher,)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="listener", daemon=True)
                self._thread.start()
            self._figures.wanted(profile_id)

    def unwatch(self, profile_id: UUID, watcher: Watcher) -> None:
        """The watcher gets nothing any more."""
        with self._lock:
            known = self._channels.get(profile_id)
            if known is None or watcher not in known.watchers:
                return
            known.watchers = tuple(each for each in known.watchers if each is not watcher)
            if known.watchers:
                return
            known.left_at = time.monotonic()
            self._figures.forget(profile_id)

    def position(self, profile_id: UUID, patience: float) -> str | None:
        """Where a watched profile stands: all entries after this id are going to be delivered, none up to
        it. None when Redis does not tell within `patience` seconds, or is away."""
        with self._lock:
            known = self._channels.get(profile_id)
        if known is None or not known.heard.wait(patience):
            return None
        if known.newest is None:
            try:
                position = self._stores.feed.position(profile_id)
            except RedisError:
                return None
            # While Redis answered, an entry may have come.
            if known.newest is None:
                known.newest = position
        return known.newest

    def tidy(self) -> None:
        """Gives up the channels that nobody has watched for a while; to be called now and then."""
        with self._lock:
            before = time.monotonic() - _LINGER
            for known in list(self._channels.values()):
                if not known.watchers and known.left_at < before:
                    del self._channels[known.profile_id], self._names[channel(known.profile_id)]
                    self._send("UNSUBSCRIBE", channel(known.profile_id))

    def close(self) -> None:
        """Hears nothing any more."""
        self._stopping.set()
        with self._lock:
            if self._connection is not None:
                self._connection.disconnect()
        self._figures.close()

    def _send(self, *command: str) -> None:
        """Sends while the other thread reads; a connection that breaks meanwhile is found by that one."""
        if self._connection is not None:
            try:
                self._connection.send_command(*command, check_health=False)
            except RedisError:
                self._connection = None

    def _run(self) -> None:
        told = False
        while not self._stopping.is_set():
            try:
                self._connect()
                told = False
                self._listen()
            except (RedisError, OSError) as error:
                if not told and not self._stopping.is_set():
                    _log.warning("Redis is away; live pages wait for it: %s", type(error).__name__)
                told = True
            except Exception:
                _log.exception("The live listener starts again")
            self._lose()
            self._stopping.wait(random.uniform(*_PAUSES))  # noqa: S311  # so that not all come back at once

    def _connect(self) -> None:
        """Subscribes to what is watched and delivers what was missed."""
        pool = self._stores.redis.connection_pool
        settings = {
            **pool.connection_kwargs,
            # Answers that nobody asked for are plain ones in the older protocol.
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            "health_check_interval": 0,
        }
        connection = pool.connection_class(**settings)
        connection.connect()
        with self._lock:
            names = list(self._names)
            if names:
                connection.send_command("SUBSCRIBE", *names, check_health=False)
            self._connection = connection
        held = []
        unheard = set(names)
        while unheard:
            kind, name, payload = connection.read_response(timeout=_SILENCE)
            if kind == "message":
                held.append((name, payload))
            elif name in unheard:
                unheard.discard(name)
            else:
                self._confirm(kind, name)
        self._stores.feed.flush(at_once=True)
        for name in names:
            if known := self._names.get(name):
                self._catch_up(known)
        for name, payload in held:
            self._hear(name, payload)
        self._tell_all(live=True)

    def _catch_up(self, known: _Channel) -> None:
        feed = self._stores.feed
        more = heard = known.newest is not None
        while more and known.newest is not None:
            replay = feed.after(known.profile_id, known.newest, heard=heard)
            if replay.gap:
                known.newest = feed.position(known.profile_id)
                for watcher in known.watchers:
                    watcher.gap(known.newest)
                break
            for entry in replay.entries:
                self._deliver(known, entry)
            self._rest()
            more, heard = replay.more, False
        known.heard.set()
        self._figures.changed(known.profile_id)

    def _listen(self) -> None:
        """Until the connection breaks, which raises."""
        connection = self._connection
        asked = False
        heard = 0
        while not self._stopping.is_set():
            try:
                kind, *rest = connection.read_response(timeout=_SILENCE, disconnect_on_error=False)
            except RedisTimeout:
                if asked:
                    raise
                connection.send_command("PING", check_health=False)
                asked = True
                continue
            asked = False
            if kind == "message":
                self._hear(*rest)
                heard += 1
                if heard % _MANY == 0:
                    self._rest()
            else:
                self._confirm(kind, *rest)

    def _confirm(self, kind: str, name: str, *_: object) -> None:
        if kind == "subscribe" and (known := self._names.get(name)):
            known.heard.set()

    def _hear(self, name: str, payload: str) -> None:
        known = self._names.get(name)
        if known is None:
            return
        entry_id, _, body = payload.partition(" ")
        self._figures.heard(known.profile_id, body or entry_id)
        if body and (known.newest is None or order(entry_id) > order(known.newest)):
            self._deliver(known, Entry(entry_id, body))

    def _deliver(self, known: _Channel, entry: Entry) -> None:
        known.newest = entry.id
        if known.watchers:
            frame = self._encode(entry)
            for watcher in known.watchers:
                watcher.deliver(entry.id, frame)

    def _lose(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.disconnect()
            self._connection = None
            for known in self._channels.values():
                known.heard.clear()
        if not self._stopping.is_set():
            self._tell_all(live=False)

    def _tell_all(self, live: bool) -> None:
        self.is_live = live
        if live and not self._told_away:
            return
        self._told_away = not live
        for known in list(self._channels.values()):
            for watcher in known.watchers:
                if live:
                    watcher.live()
                else:
                    watcher.waiting()
