"""The consumer: takes domain events off the stream, counts them, and acknowledges what is stored.

Everything that it was given stays in its hands until it is acknowledged or a dead letter, through every
failure of a store; what dies with its process is claimed by another one.
"""

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from threading import Event as Signal
from uuid import UUID

from redis.exceptions import RedisError

from models.clock import now
from models.errors import AppError, Busy, InvalidInput, NotFound, Unavailable
from models.stores import Stores
from services.domain_events.dead import letter
from services.domain_events.envelope import DomainEvent, Refunded, read
from services.domain_events.recording import Fate, record
from services.domain_events.stream import NAME, Message, Pending, Stream, opened
from services.ingest.events import EARLIEST, LEAD
from services.rights import deletion, traces

BATCH = 500
"""Messages in one transaction."""
IDLE = 30.0
"""Seconds after which what another consumer holds is taken for abandoned."""
MOST_DELIVERIES = 5
"""How often a message may take its process down, or fail by an error of ours, before it is given up."""
MOST_HELD = 5_000
GRACE = 3.0
"""Seconds that a refund waits for its sale, which may come after it. While another worker holds what came
before the refund, dead or alive, it waits for that as well."""
_TOGETHER = {2: 25}
"""How many abandoned messages are worked on at once, by their deliveries so far, from the second on; of any
other number each alone. One of them may be what killed their workers, and whoever shares a batch with it is
handed out once more. But were all of them taken alone, a worker that was killed twice would hold up the
stream for as long as 500 transactions take."""
_WAIT = 1.0
_SHORTEST, _LONGEST = 0.25, 5.0
_HOUSEKEEPING = 60.0

_NAME = f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"
_log = logging.getLogger(__name__)


def consume(
    stores: Stores,
    stopping: Signal,
    stream: str = NAME,
    idle: float = IDLE,
    grace: float = GRACE,
    name: str = _NAME,
) -> None:
    """Counts domain events until `stopping` is set; the batch in hand is finished then.

    Never raises for a store that is away: nothing is acknowledged then, and it goes on when they are back.
    `name` is the consumer's in its group, of its own for every process.
    """
    with opened(stores, stream) as source:
        consumer = Consumer(stores, source, name, idle, grace)
        while not stopping.is_set():
            if pause := consumer.turn():
                stopping.wait(pause)
        consumer.leave()


class Consumer:
    """One member of the group. `turn` is one round of its work."""

    def __init__(
        self, stores: Stores, stream: Stream, name: str = _NAME, idle: float = IDLE, grace: float = GRACE
    ):
        self.stores, self.stream, self.name = stores, stream, name
        self.idle, self.grace = idle, grace
        self._held: dict[str, Message] = {}
        self._suspects: list[Pending] = []
        self._busy: set[UUID] = set()
        self._orphans: dict[str, float] = {}
        self._joined = self._away = False
        self._again = self._claimed = self._told = self._kept = 0.0
        self._failures = 0

    def turn(self) -> float:
        """Takes what there is, counts it and acknowledges it; returns the seconds to pause then."""
        try:
            self._look_around()
            due = time.monotonic() >= self._again
            self._work(self._take(due))
        except (RedisError, Unavailable) as error:
            if not self._away:
                _log.warning("Domain events wait: %s", error)
            self._away, self._joined = True, self._joined and not isinstance(error, RedisError)
            return self._put_off()
        if self._away:
            _log.warning("Domain events go on.")
        self._away = False
        if due and self._held:
            self._put_off()
        elif due:
            self._failures, self._again = 0, 0.0
        return max(0.0, self._again - time.monotonic()) if len(self._held) >= MOST_HELD else 0.0

    def leave(self) -> None:
        """Takes this consumer off the group, unless it still holds something that others shall claim."""
        try:
            self.stream.forget(self.name)
        except RedisError as error:
            _log.warning("The group of domain events was left without a word: %s", error)

    def _look_around(self) -> None:
        """What has to be done from time to time: join, keep what is held, adopt what is abandoned."""
        at = time.monotonic()
        if not self._joined:
            self.stream.join()
            self._adopt(self.stream.pending(MOST_HELD, consumer=self.name))
            self._joined = True
        if self._held and at - self._told > self.idle / 3:
            self.stream.hold(self.name, list(self._held.values()))
            self._told = at
        has_room = not self._suspects and len(self._held) < MOST_HELD
        if not self._away and has_room and at - self._claimed > self.idle / 6:
            abandoned = self.stream.pending(BATCH, idle=self.idle)
            self._adopt(abandoned, self.idle)
            # There may be more than fit in one batch.
            self._claimed = at if len(abandoned) < BATCH else 0.0
        if at - self._kept > _HOUSEKEEPING:
            self.stream.trim(now())
            self.stream.forget()
            self._kept = at

    def _adopt(self, abandoned: Sequence[Pending], idle: float = 0) -> None:
        wanted = [each for each in abandoned if each.id not in self._held]
        together = [each for each in wanted if each.deliveries == 1]
        self._suspects = sorted(
            (each for each in wanted if each.deliveries > 1), key=lambda each: each.deliveries
        )
        self._claim(together, idle)

    def _claim(self, wanted: Sequence[Pending], idle: float) -> list[Message]:
        claimed = self.stream.claim(self.name, wanted, idle) if wanted else []
        self._held |= {message.id: message for message in claimed}
        return claimed

    def _take(self, due: bool) -> list[Message]:
        """What is to be worked on now: what waits, when it is due, and what is new. Suspects come apart."""
        if self._away:
            return list(self._held.values())
        if self._suspects:
            return self._claim_suspects()
        waiting = list(self._held.values()) if due else []
        if due:
            self._busy.clear()
        if len(self._held) >= MOST_HELD:
            return waiting
        patience = 0.0 if waiting else _WAIT if due else min(_WAIT, self._again - time.monotonic())
        fresh = self.stream.read(self.name, BATCH, max(0.0, patience))
        self._held |= {message.id: message for message in fresh}
        return [*waiting, *fresh]

    def _claim_suspects(self) -> list[Message]:
        """The next of them that may be worked on together."""
        first = self._suspects[0]
        most = _TOGETHER.get(first.deliveries, 1)
        alike = [
            each
            for each in self._suspects[:most]
            if (each.deliveries, each.consumer == self.name)
            == (first.deliveries, first.consumer == self.name)
        ]
        self._suspects = [each for each in self._suspects if each not in alike]
        return self._claim(alike, 0 if first.consumer == self.name else self.idle)

    def _work(self, batch: Sequence[Message]) -> None:
        """Counts the batch, and settles all of it but what has to wait, which stays held."""
        if not batch:
            return
        begun, at = time.monotonic(), now()
        dead: dict[str, Mapping[str, bytes]] = {}
        understood: list[tuple[Message, DomainEvent]] = []
        for message in batch:
            try:
                event = _understood(message, at)
            except InvalidInput as error:
                dead[message.id] = letter(message, str(error), at)
                continue
            if event.data.profile_id not in self._busy:
                understood.append((message, event))
        # Refunds last: the sale of one may be in the same batch.
        understood.sort(key=lambda pair: isinstance(pair[1], Refunded))
        outcome = record(self.stores, [event for _, event in understood], at) if understood else []
        counted = any(isinstance(fate, Fate) for fate in outcome)
        done, gone, totals = [], [], Counter[str]()
        for (message, event), fate in zip(understood, outcome, strict=True):
            if isinstance(fate, NotFound) and deletion.is_deleted(self.stores, event.data.profile_id):
                # No dead letter: that would keep what somebody wanted gone.
                gone.append(message.id)
                totals["of deleted profiles"] += 1
            elif isinstance(fate, Fate):
                done.append(message.id)
                totals[f"consumed:{event.type}"] += 1
                totals["repeated"] += fate is Fate.REPEATED
            elif reason := self._reason(message, event, fate, counted):
                dead[message.id] = letter(message, reason, at)
        _report([fate for fate in outcome if not isinstance(fate, Fate | AppError)])
        spent = {"batches": 1, "batch_seconds": time.monotonic() - begun, "dead": len(dead)}
        letters = {message.id: dead[message.id] for message in batch if message.id in dead}
        self.stream.settle(done, letters, {**totals, **spent}, at)
        traces.drop(self.stream, gone)
        for key in (*done, *dead, *gone):
            self._held.pop(key, None)
            self._orphans.pop(key, None)

    def _reason(self, message: Message, event: DomainEvent, error: Exception, others: bool) -> str | None:
        """Why an event is given up; None while it may yet be counted. `others`: some were."""
        if isinstance(error, Busy):
            self._busy.add(event.data.profile_id)
            return None
        if isinstance(error, NotFound) and isinstance(event, Refunded):
            until = self._orphans.setdefault(message.id, time.monotonic() + self.grace)
            if time.monotonic() < until or self.stream.holds_earlier(message.id, self.name):
                # A worker that died with the sale is not even missed yet.
                return None
            return str(error)
        if isinstance(error, AppError):
            return str(error)
        # Where nothing at all can be counted, it is hardly this event's fault.
        if others or message.deliveries >= MOST_DELIVERIES:
            return f"An error of ours ({type(error).__name__}); the log of the worker says more."
        self._held[message.id] = replace(message, deliveries=message.deliveries + 1)
        return None

    def _put_off(self) -> float:
        """When what is held is tried again: after a pause that grows, until nothing is held."""
        pause = min(_LONGEST, _SHORTEST * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._again = time.monotonic() + pause
        return pause


def _report(errors: Sequence[Exception]) -> None:
    """Logs the first of these errors of ours; the others of a batch are mostly the same."""
    if errors:
        _log.error("%d domain events met an error", len(errors), exc_info=errors[0])


def _understood(message: Message, at: datetime) -> DomainEvent:
    """Raises InvalidInput for what can't be, or what has taken its process down again and again."""
    if message.deliveries > MOST_DELIVERIES:
        raise InvalidInput(
            f"It was handed out {message.deliveries - 1} times, and no worker lived to acknowledge it."
        )
    if message.text is None:
        raise InvalidInput("The entry has no field `event`.")
    return read(message.text, EARLIEST, at + LEAD)
