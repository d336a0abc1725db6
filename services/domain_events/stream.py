"""The stream of domain events in Redis, its consumer group, and what is counted of both.

Beside the stream `domain-events` lie `domain-events:dead`, the events that could not be understood, and
`domain-events:totals`, a hash that every consumer adds to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis import ConnectionPool, Redis
from redis.exceptions import ResponseError

from models.feed import milliseconds, order
from models.stores import Stores

NAME = "domain-events"
GROUP = "platform-analytics"
FIELD = "event"
MOST_DEAD = 100_000
"""Dead letters that are kept; the oldest go first."""
DEAD_FOR = timedelta(days=30)
"""How long a dead letter is kept: it may hold addresses."""
KEPT_FOR = timedelta(hours=1)
"""How long an event stays on the stream after every group has acknowledged it."""
GONE_AFTER = timedelta(hours=1)
"""When a consumer that was not heard of, and has nothing left to do, is forgotten."""

# In one step: a consumer that takes something in between would lose it.
_FORGET = """
local gone = 0
for _, each in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local known = {}
  for i = 1, #each, 2 do known[each[i]] = each[i + 1] end
  local wanted = ARGV[3] == '' or known['name'] == ARGV[3]
  if wanted and known['pending'] == 0 and known['idle'] >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], known['name'])
    gone = gone + 1
  end
end
return gone
"""

# A message that two consumers gave up, because one was slow and the other took it for dead, has one letter.
_BURY = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 4))
end
"""


@dataclass(frozen=True)
class Message:
    """An entry of the stream. Bytes that are no UTF-8 stand in its fields as surrogates
    (`surrogateescape`). `deliveries`: how often it was handed out so far."""

    id: str
    fields: Mapping[str, str]
    deliveries: int = 1

    @property
    def text(self) -> str | None:
        """The event; None where the entry has no such field."""
        return self.fields.get(FIELD)


@dataclass(frozen=True)
class Pending:
    """What a consumer was given and has not acknowledged."""

    id: str
    consumer: str
    idle: float
    deliveries: int


class Stream:
    """One stream, by a client that `opened` made. Every method raises RedisError while Redis is away."""

    def __init__(self, redis: Any, name: str = NAME):
        self.redis = redis
        self.name = name
        self.dead = f"{name}:dead"
        self.totals = f"{name}:totals"
        self._forget = redis.register_script(_FORGET)
        self._bury = redis.register_script(_BURY)

    def publish(self, texts: Iterable[str]) -> list[str]:
        """Puts events at the end of the stream, all or none; returns their ids there."""
        pipe = self.redis.pipeline(transaction=True)
        for text in texts:
            pipe.xadd(self.name, {FIELD: raw(text)})
        ids: list[str] = pipe.execute()
        return ids

    def join(self) -> None:
        """Makes the group, and the stream if need be: it is read from its very beginning."""
        try:
            self.redis.xgroup_create(self.name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def read(self, consumer: str, most: int, wait: float) -> list[Message]:
        """New messages for this consumer; waits up to `wait` seconds for the first (0: for none)."""
        block = int(wait * 1000) or None
        answer = self.redis.xreadgroup(GROUP, consumer, {self.name: ">"}, count=most, block=block)
        return [_message(entry) for _, entries in answer or () for entry in entries]

    def pending(self, most: int, idle: float = 0, consumer: str | None = None) -> list[Pending]:
        """What is not acknowledged and was handed out `idle` seconds ago or more; the oldest first."""
        found = self.redis.xpending_range(
            self.name, GROUP, "-", "+", most, consumername=consumer, idle=int(idle * 1000)
        )
        return [
            Pending(
                each["message_id"],
                each["consumer"],
                each["time_since_delivered"] / 1000,
                each["times_delivered"],
            )
            for each in found
        ]

    def holds_earlier(self, message_id: str, consumer: str) -> bool:
        """Whether another consumer was given something that lies before this message, and has not
        acknowledged it."""
        others = self.redis.xpending(self.name, GROUP)["consumers"]
        return any(
            self.redis.xpending_range(self.name, GROUP, "-", f"({message_id}", 1, consumername=other["name"])
            for other in others
            if other["name"] != consumer
        )

    def claim(self, consumer: str, wanted: Sequence[Pending], idle: float = 0) -> list[Message]:
        """Takes these over, but for those that somebody else took in the meantime."""
        deliveries = {each.id: each.deliveries + 1 for each in wanted}
        taken = self.redis.xclaim(self.name, GROUP, consumer, int(idle * 1000), list(deliveries))
        return [_message(entry, deliveries[entry[0]]) for entry in taken]

    def hold(self, consumer: str, messages: Sequence[Message]) -> None:
        """Tells that the consumer still works on these; it counts as no delivery."""
        ids = [message.id for message in messages]
        self.redis.xclaim(self.name, GROUP, consumer, 0, ids, justid=True)

    def settle(
        self,
        done: Sequence[str],
        dead: Mapping[str, Mapping[str, bytes]],
        totals: Mapping[str, int | float],
        at: datetime,
    ) -> None:
        """In one step: acknowledges what was counted and what is dead, keeps the letters of the dead (by
        the id of their message), and adds to the totals and to those of the minute."""
        pipe = self.redis.pipeline(transaction=True)
        if done:
            pipe.xack(self.name, GROUP, *done)
        for message_id, letter in dead.items():
            fields = (part for field in letter.items() for part in field)
            self._bury((self.name, self.dead), (GROUP, message_id, MOST_DEAD, *fields), pipe)
        for field, value in totals.items():
            if isinstance(value, int):
                pipe.hincrby(self.totals, field, value)
            else:
                pipe.hincrbyfloat(self.totals, field, value)
        pipe.incrby(self.minute(at), len(done))
        pipe.expire(self.minute(at), 180)
        pipe.execute()

    def minute(self, at: datetime) -> str:
        """The key of how many events were counted in a minute."""
        return f"{self.name}:minute:{int(at.timestamp() // 60)}"

    def forget(self, consumer: str | None = None) -> None:
        """Takes consumers off the group that have nothing pending: this one, or all that are gone."""
        after = 0 if consumer else int(GONE_AFTER.total_seconds() * 1000)
        self._forget(keys=[self.name], args=[GROUP, after, consumer or ""])

    def trim(self, at: datetime) -> None:
        """Takes off what every group of the stream has acknowledged and is older than KEPT_FOR, and dead
        letters older than DEAD_FOR."""
        floor = _position(at - KEPT_FOR)
        for group in self.redis.xinfo_groups(self.name):
            oldest = self.redis.xpending(self.name, group["name"])["min"] if group["pending"] else None
            floor = min(floor, order(oldest or group["last-delivered-id"]))
        self.redis.xtrim(self.name, minid=_id(floor), approximate=False)
        self.redis.xtrim(self.dead, minid=_position(at - DEAD_FOR)[0], approximate=False)

    def older(self, at: datetime) -> int:
        """How many letters were written before this instant, and events of before it were acknowledged by our
        group (which another one may hold on to)."""
        ends = {self.dead: _position(at), self.name: self._acknowledged(at)}
        found = (self.redis.xrange(key, max=f"({_id(end)}") for key, end in ends.items() if end > (0, 0))
        return sum(map(len, found))

    def forget_before(self, at: datetime) -> None:
        """Takes off what `older` counts, whatever other groups have read."""
        self.redis.xtrim(self.dead, minid=_id(_position(at)), approximate=False)
        self.redis.xtrim(self.name, minid=_id(self._acknowledged(at)), approximate=False)

    def rewrite(self) -> None:
        """Has Redis write its file of commands anew, where it keeps one and has added to it: what was taken
        off stands in the old one, which a quiet Redis keeps for ever. Waits for nothing."""
        kept = self.redis.info("persistence")
        if kept.get("aof_enabled") and kept["aof_current_size"] > kept["aof_base_size"]:
            with suppress(ResponseError):  # it is at it, or somebody else decides here
                self.redis.bgrewriteaof()

    def _acknowledged(self, at: datetime) -> tuple[int, int]:
        """The position before which everything is older than `at` and acknowledged by our group."""
        groups = self.redis.xinfo_groups(self.name) if self.redis.exists(self.name) else ()
        own = next((group for group in groups if group["name"] == GROUP), None)
        if own is None:
            return 0, 0
        if own["pending"]:
            return min(_position(at), order(self.redis.xpending(self.name, GROUP)["min"]))
        last, nth = order(own["last-delivered-id"])
        return min(_position(at), (last, nth + 1))


@contextmanager
def opened(stores: Stores, name: str = NAME) -> Iterator[Stream]:
    """The stream by a client of its own, which takes whatever bytes somebody put there for text."""
    pool: ConnectionPool = stores.redis.connection_pool
    settings = {**pool.connection_kwargs, "encoding_errors": "surrogateescape"}
    client = Redis(connection_pool=ConnectionPool(connection_class=pool.connection_class, **settings))
    try:
        yield Stream(client, name)
    finally:
        client.close()
        client.connection_pool.disconnect()


def raw(text: str) -> bytes:
    """The bytes that a message's text was read from."""
    return text.encode("utf-8", "surrogateescape")


def _message(entry: tuple[str, Mapping[str, str] | None], deliveries: int = 1) -> Message:
    return Message(entry[0], entry[1] or {}, deliveries)


def _id(position: tuple[int, int]) -> str:
    return "-".join(map(str, position))


def _position(at: datetime) -> tuple[int, int]:
    return milliseconds(at), 0
