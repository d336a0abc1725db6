"""The live streams in Redis: what is told of a profile, in order, for a while.

Each profile has one capped stream whose ids rise, and a channel of the same name that tells of each
entry at once. Beside it stand who was seen in the last hour, and when. All keys of a profile carry its
tag, so that they lie on one node.

A Redis that was killed may have lost the end of a stream, and what comes later hides that. So the first who
writes or reads a stream on another run of Redis puts a mark into it: whoever resumes across one may have
missed something.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

KEPT = 5_000
"""Entries that a stream keeps, about."""
KEPT_FOR = timedelta(hours=24)
"""How long a stream outlives its newest entry."""
SEEN_FOR = timedelta(hours=1)
"""How far back it is known who was seen."""
START = "0-0"
"""The position before every entry."""
_BEYOND = 2**64 - 1
"""Redis takes no number above it, and finds nothing after an id of two such."""
_MOST_WAITING = 10_000
"""Bodies and sightings; a post without any counts as one."""
_PAUSE = 1.0
"""Seconds for which Redis is left alone after it did not answer."""
_CHUNK = 500

_MARK, _MESSAGE = "restarted", "message"
_MARK_RESTART = """
local function mark_restart(stream, known, kept_for)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if redis.call('GET', known) == run then return end
  if redis.call('EXISTS', stream) == 1 then redis.call('XADD', stream, '*', 'restarted', run) end
  redis.call('SET', known, run, 'EX', kept_for)
end
"""

# One step for all readers: the order of the channel is that of the stream, and who reads both sees no
# entry whose sighting is not counted yet.
_PUBLISH = f"""{_MARK_RESTART}
local stream, views, visitors, run = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local kept, kept_for, seen_for, many = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
mark_restart(stream, run, kept_for)
for i = 5, 4 + many do
  local id = redis.call('XADD', stream, 'MAXLEN', '~', kept, '*', 'message', ARGV[i])
  redis.call('PUBLISH', stream, id .. ' ' .. ARGV[i])
end
if many > 0 then
  redis.call('EXPIRE', stream, kept_for)
  redis.call('EXPIRE', run, kept_for)
else
  redis.call('PUBLISH', stream, '')
end
if #ARGV > 4 + many then
  for i = 5 + many, #ARGV, 3 do
    redis.call('ZADD', views, ARGV[i + 2], ARGV[i])
    redis.call('ZADD', visitors, 'GT', ARGV[i + 2], ARGV[i + 1])
  end
  -- By the clock of Redis: that of one process may be wrong, and would forget what the others saw.
  local oldest = '(' .. (redis.call('TIME')[1] - seen_for) * 1000
  for _, key in ipairs({{views, visitors}}) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', oldest)
    redis.call('EXPIRE', key, seen_for)
  end
end
"""

_AFTER = f"""{_MARK_RESTART}
local stream, run, since, many, kept_for = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
mark_restart(stream, run, kept_for)
return {{
  redis.call('XRANGE', stream, '(' .. since, '+', 'COUNT', many),
  redis.call('XRANGE', stream, '-', '+', 'COUNT', 1),
  redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1),
}}
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sighting:
    """A view: its event, by whom (the visitor's key in hex) and when. Told twice, it counts once."""

    event_id: UUID
    visitor: str
    at: datetime


@dataclass(frozen=True)
class Post:
    """What is told of one profile at once: the bodies (JSON texts) in their order, and who was seen.
    Without bodies it tells that the profile's figures may have changed, and of nothing to show."""

    profile_id: UUID
    bodies: tuple[str, ...] = ()
    sightings: tuple[Sighting, ...] = ()

    @property
    def size(self) -> int:
        """What it counts for among those that wait."""
        return max(len(self.bodies) + len(self.sightings), 1)


@dataclass(frozen=True)
class Entry:
    """One entry of a stream; ids rise (as pairs of numbers, see `order`)."""

    id: str
    body: str


@dataclass(frozen=True)
class Replay:
    """What came after a position, oldest first. `gap`: some of it is not kept any more. `more`: there is
    more of it than was asked for."""

    entries: tuple[Entry, ...]
    gap: bool = False
    more: bool = False


class Feed:
    """The live streams of one installation; safe to use from many threads (or greenlets) at once."""

    def __init__(self, redis: Any):
        self._redis = redis
        self._publish = redis.register_script(_PUBLISH)
        self._after = redis.register_script(_AFTER)
        self._waiting: deque[Post] = deque()
        self._size = 0
        self._lock = Lock()
        self._away_until = 0.0
        self._waiter: Thread | None = None

    def publish(self, posts: Sequence[Post]) -> None:
        """Tells these posts in their order. Never raises: while Redis is away they wait here (the newest
        of them, up to 10,000 bodies and sightings), and go out as soon as it is back."""
        if posts:
            with self._lock:
                self._waiting.extend(posts)
                self._size += sum(post.size for post in posts)
                self._flush(at_once=False)

    def flush(self, at_once: bool = False) -> bool:
        """Tells what waits; returns whether nothing is left. Redis is not asked again within a second
        after it did not answer, unless it has to be `at_once`."""
        with self._lock:
            return self._flush(at_once)

    def after(self, profile_id: UUID, since: str, limit: int = 1_000, heard: bool = False) -> Replay:
        """The entries after the position `since`; `heard`: whoever asks heard the channel itself until Redis
        went away, so that a restart right after `since` took nothing from it.

        Raises RedisError, and ValueError when `since` is no position.
        """
        order(since)
        key, kept_for = channel(profile_id), int(KEPT_FOR.total_seconds())
        found, first, last = self._after(keys=[key, _run_key(key)], args=[since, limit + 1, kept_for])
        if not last:
            return Replay((), gap=since != START)
        # An id that the stream never had comes from before its loss.
        lost = order(since) > order(last[0][0])
        # Nor is one that is not kept any more: cut off, or lost with all others before these came.
        cut = order(since) < order(first[0][0]) and (since != START or self._is_cut(key))
        marks = [place for place, (_, fields) in enumerate(found) if fields[0] == _MARK]
        crossed = bool(marks) and not (heard and marks == [0])
        if lost:
            return Replay((), gap=True)
        page = ((entry_id, {fields[0]: fields[1]}) for entry_id, fields in found[:limit])
        return Replay(_entries(page), gap=cut or crossed, more=len(found) > limit)

    def latest(self, profile_id: UUID, many: int) -> tuple[Entry, ...]:
        """The newest entries, oldest first. Raises RedisError."""
        found = self._redis.xrevrange(channel(profile_id), count=many)
        return _entries(reversed(found))

    def position(self, profile_id: UUID) -> str:
        """The id of the newest entry, START when there is none. Raises RedisError."""
        newest = self._redis.xrevrange(channel(profile_id), count=1)
        return newest[0][0] if newest else START

    def older(self, profile_id: UUID, at: datetime) -> int:
        """How many entries were told before this instant (by the clock of Redis). Raises RedisError."""
        return len(self._redis.xrange(channel(profile_id), max=f"({milliseconds(at)}-0"))

    def forget(self, profile_id: UUID, at: datetime) -> None:
        """Lets go of what was told before this instant. Raises RedisError."""
        self._redis.xtrim(channel(profile_id), minid=f"{milliseconds(at)}-0", approximate=False)

    def _flush(self, at_once: bool) -> bool:
        """`flush`, for whoever holds the lock."""
        if not at_once and time.monotonic() < self._away_until:
            self._shorten()
            return False
        while self._waiting:
            try:
                self._tell(self._waiting[0])
            except RedisError as error:
                self._shorten()
                self._away_until = time.monotonic() + _PAUSE
                if self._waiter is None:
                    _log.warning("Redis is away; what happens is told live later: %s", type(error).__name__)
                    self._waiter = Thread(target=self._wait, name="feed", daemon=True)
                    self._waiter.start()
                return False
            self._size -= self._waiting.popleft().size
        self._away_until = 0.0
        return True

    def _shorten(self) -> None:
        """Lets the oldest go where too much waits; the newest post stays, whatever its size."""
        while self._size > _MOST_WAITING and len(self._waiting) > 1:
            self._size -= self._waiting.popleft().size

    def _wait(self) -> None:
        """Until Redis is back: what was last may be followed by nothing that would bring it along."""
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                if not self._waiting:
                    self._waiter = None
                    return
            self.flush()

    def _tell(self, post: Post) -> None:
        key = channel(post.profile_id)
        fixed = KEPT, int(KEPT_FOR.total_seconds()), int(SEEN_FOR.total_seconds())
        for start in range(0, max(len(post.bodies), len(post.sightings), 1), _CHUNK):
            bodies = post.bodies[start : start + _CHUNK]
            seen = [
                part
                for sighting in post.sightings[start : start + _CHUNK]
                for part in (str(sighting.event_id), sighting.visitor, milliseconds(sighting.at))
            ]
            keys = [*seen_keys(post.profile_id, key), _run_key(key)]
            self._publish(keys=keys, args=[*fixed, len(bodies), *bodies, *seen])

    def _is_cut(self, key: str) -> bool:
        """Whether entries of the stream are gone."""
        known = self._redis.xinfo_stream(key)
        return bool(known["entries-added"] > known["length"])


def channel(profile_id: UUID) -> str:
    """The key of a profile's stream, and the name of its channel. A message there is "<id> <body>", or
    empty: figures may have changed, and there is nothing to show; or what services.live.figures says."""
    return f"live:{{{profile_id}}}"


def seen_keys(profile_id: UUID, *before: str) -> list[str]:
    """`before`, and the keys of the profile's sightings: by event, and by visitor (when last)."""
    return [*before, f"{channel(profile_id)}:views", f"{channel(profile_id)}:visitors"]


def _run_key(key: str) -> str:
    """Where the run of Redis is kept that a stream was last used on."""
    return f"{key}:run"


def order(position: str) -> tuple[int, int]:
    """What positions are compared by. Raises ValueError for what is no id of a stream."""
    first, dash, second = position.partition("-")
    plain = position.isascii() and first.isdecimal() and second.isdecimal() and dash
    if not plain or len(position) > 41 or max(int(first), int(second)) >= _BEYOND:
        raise ValueError("It is no position of a stream.")
    return int(first), int(second)


def milliseconds(at: datetime) -> int:
    """An instant as streams and sightings count it."""
    return int(at.timestamp() * 1000)


def _entries(found: Any) -> tuple[Entry, ...]:
    return tuple(Entry(key, fields[_MESSAGE]) for key, fields in found if _MESSAGE in fields)
