"""When the engagement figures of a watched profile are computed, and who of all processes does it.

At most once a second for a profile, whatever happens on it, and once more after the last of a burst:
whoever computes says so on the profile's channel first. Since a channel tells everybody the same in the
same order, all of them know which changes these figures include, and which are still to be counted.
"""

import json
import logging
import time
from dataclasses import dataclass
from math import inf
from threading import Event, Lock, Thread
from uuid import UUID

from redis.exceptions import RedisError

from models.clock import now
from models.errors import AppError
from models.feed import Post, channel
from models.stores import Stores
from services.live.engagement import engagement
from services.live.message import ENGAGEMENT_UPDATE, JOB

COUNTING = "counting"
"""What a channel says before figures are computed that include all that it said before."""
_OWN = tuple(f'{{"event":"{event}"' for event in (ENGAGEMENT_UPDATE, JOB))
"""How bodies begin that change no figures."""

_CLAIM = """
if redis.call('SET', KEYS[1], 1, 'NX', 'PX', ARGV[1]) then
  redis.call('PUBLISH', KEYS[2], ARGV[2])
  return false
end
return redis.call('PTTL', KEYS[1])
"""

_log = logging.getLogger(__name__)


@dataclass
class _Turn:
    """Of one profile: whether something was said that no figures include, and when to look again."""

    uncounted: bool = False
    due: float = inf


class Figures:
    """The engagement figures of the profiles that this process watches; they are published by the feed.
    Times are in seconds."""

    APART = 1.0
    AGAIN = 15.0
    """After which the figures are computed again without an event, while there are visitors."""
    LOST = 5.0
    """After which whoever said that it counts is taken for dead."""

    def __init__(self, stores: Stores):
        self._stores = stores
        self._claim = stores.redis.register_script(_CLAIM)
        self._turns: dict[UUID, _Turn] = {}
        self._lock = Lock()
        self._changed = Event()
        self._stopping = Event()
        self._thread: Thread | None = None

    def wanted(self, profile_id: UUID) -> None:
        """Somebody began to watch the profile, or something changed that its channel did not tell."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="figures", daemon=True)
                self._thread.start()
            turn = self._turns.setdefault(profile_id, _Turn())
            if turn.uncounted:
                return
            turn.uncounted, turn.due = True, min(turn.due, time.monotonic())
        self._changed.set()

    def heard(self, profile_id: UUID, body: str) -> None:
        """The channel of the profile said this: the body of a message, COUNTING, or nothing."""
        if body == COUNTING:
            with self._lock:
                if turn := self._turns.get(profile_id):
                    turn.uncounted, turn.due = False, time.monotonic() + self.LOST
        elif not body.startswith(_OWN):
            self.wanted(profile_id)
        elif body.startswith(_OWN[0]):
            busy = json.loads(body)["data"]["activeVisitors"]["last30Minutes"] > 0
            with self._lock:
                turn = self._turns.get(profile_id)
                if turn and not turn.uncounted:
                    turn.due = time.monotonic() + self.AGAIN if busy else inf

    def forget(self, profile_id: UUID) -> None:
        """Nobody watches the profile any more."""
        with self._lock:
            self._turns.pop(profile_id, None)

    def close(self) -> None:
        """Ends the computing, once those that are being computed are published."""
        self._stopping.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(self.LOST)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                due, profile_id = min(
                    ((turn.due, profile_id) for profile_id, turn in self._turns.items()),
                    default=(inf, None),
                )
            wait = due - time.monotonic()
            if profile_id is None or wait > 0:
                self._changed.wait(None if wait == inf else wait)
                self._changed.clear()
                continue
            began = time.monotonic()
            self._take(profile_id)
            # However many profiles are watched, what else this process does has half of its time.
            self._stopping.wait(min(time.monotonic() - began, self.APART))

    def _take(self, profile_id: UUID) -> None:
        """Computes the profile's figures, unless that was done within the last second."""
        try:
            self._put_off(profile_id, self.LOST)
            left = self._claim(
                keys=[f"{channel(profile_id)}:figures", channel(profile_id)],
                args=[int(self.APART * 1000), COUNTING],
            )
            if left is not None:
                self._put_off(profile_id, max(left, 1) / 1000)
                return
            message = engagement(self._stores, profile_id, now())
        except (AppError, RedisError) as error:
            _log.warning("The figures of a watched profile have to wait: %s", type(error).__name__)
        except Exception:
            _log.exception("The figures of a watched profile can't be computed")
        else:
            self._stores.feed.publish([Post(profile_id, (message.body,))])

    def _put_off(self, profile_id: UUID, seconds: float) -> None:
        with self._lock:
            if turn := self._turns.get(profile_id):
                turn.due = time.monotonic() + seconds
