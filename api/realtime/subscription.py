"""One profile that one client watches: first what it missed, then all that comes, without gap or repeat."""

from enum import Enum
from threading import Thread
from typing import TYPE_CHECKING
from uuid import UUID

from redis.exceptions import RedisError

from api.realtime import frames
from models.feed import order

if TYPE_CHECKING:
    from api.realtime.conversation import Conversation

PATIENCE = 2.0
"""Seconds for which Redis may take to begin a subscription; else it begins when Redis is back."""
_PAGE, _AT_ONCE = 500, 20


class _State(Enum):
    STARTING = 1
    LIVE = 2
    PENDING = 3
    ENDED = 4


class Subscription:
    """A watcher (see services.live.listener) of one profile for one client."""

    __slots__ = ("_heard", "_last", "_own", "_since", "_skips", "_state", "profile_id")

    def __init__(self, own: "Conversation", profile_id: UUID, since: str | None):
        self._own, self.profile_id, self._since = own, profile_id, since
        self._state = _State.STARTING
        self._last = since or ""
        """The position up to which all is queued."""
        self._skips = False
        self._heard: str | None = None

    def start(self) -> None:
        """Answers, replays, then lets through what comes; without Redis, as soon as that is back."""
        try:
            position = self._own.listener.position(self.profile_id, PATIENCE)
            if position is None:
                self._pend()
            if self._state is not _State.STARTING or position is None:
                return
            self._own.tell_state(live=True)
            self._last = self._since or position
            self._say("subscribed", id=self._last)
            if self._since:
                self._replay()
            if self._state is _State.STARTING:
                # What was replayed may still be on its way through the channel.
                self._skips, self._state = True, _State.LIVE
        except RedisError:
            self._since = self._last or self._since
            self._pend()
        finally:
            self._own.wire.flush()

    def end(self) -> None:
        """Nothing comes any more."""
        self._state = _State.ENDED
        self._own.listener.unwatch(self.profile_id, self)

    def deliver(self, entry_id: str, frame: bytes) -> None:
        if self._state is _State.LIVE:
            if self._skips:
                if order(entry_id) <= order(self._last):
                    return
                self._skips = False
            before, self._last = self._last, entry_id
            self._own.send(frame, self, before)
        else:
            self._heard = entry_id

    def gap(self, position: str) -> None:
        if self._state is _State.LIVE:
            self._last = position
            self._say("gap", id=position)
            self._own.touch()

    def waiting(self) -> None:
        self._own.tell_state(live=False)

    def live(self) -> None:
        self._own.tell_state(live=True)
        self.retry()

    def retry(self) -> None:
        """Begins, if it could not begin before."""
        if self._state is _State.PENDING:
            self._state = _State.STARTING
            Thread(target=self.start, daemon=True).start()

    def dropped(self, since: str) -> None:
        """The client is too slow: it has to ask again from there on."""
        self._own.lag(self, since)

    def _pend(self) -> None:
        if self._state is _State.STARTING:
            self._state = _State.PENDING
            self._own.tell_state(live=False)

    def _replay(self) -> None:
        """Reads the stream until nothing was told meanwhile that it did not yet hold."""
        feed = self._own.stores.feed
        while self._state is _State.STARTING:
            self._heard = None
            replay = feed.after(self.profile_id, self._last, _PAGE)
            if replay.gap:
                self._last = feed.position(self.profile_id)
                self._say("gap", id=self._last)
                continue
            for number, entry in enumerate(replay.entries):
                before, self._last = self._last, entry.id
                self._own.wire.put(frames.of_entry(entry), self, before)
                if number % _AT_ONCE == 0:
                    self._own.wire.settle()
            if not replay.more and (self._heard is None or order(self._heard) <= order(self._last)):
                return
            self._own.wire.settle()

    def _say(self, event: str, **data: str) -> None:
        self._own.wire.put(frames.control(event, profileId=str(self.profile_id), **data))
