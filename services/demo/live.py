"""The demo goes on: what happens on its profiles from now on, told through the same stream as a platform's.

Nothing is told for the time in which nobody ran the demo: that gap stays in its figures.
"""

import json
import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from redis.exceptions import LockError
from sqlalchemy import select

from models.clock import now
from models.database import Transaction
from models.schema import transactions
from models.stores import Stores
from services import domain_events
from services.demo import renewals
from services.demo.life import Life
from services.demo.load import convertible_until, ready
from services.demo.personas import PERSONAS
from services.demo.sales import KNOWN_GIVERS
from services.demo.telling import Told
from services.domain_events.stream import NAME, Stream
from services.ingest import events
from services.ingest.inputs import Event

TICK, _MOST = 1.0, 5.0
_TURN = "demo:live"
_TURN_SECONDS = 20.0
_LOOK_AGAIN = timedelta(minutes=1)
T = transactions.c


def drive(stores: Stores, stopping: threading.Event, stream: str = NAME) -> None:
    """A duty of the worker: makes the profiles of the demo live until `stopping`. Of several workers one
    does it; profiles that are not the demo's are left alone. Raises RedisError and Unavailable."""
    turn = stores.redis.lock(_TURN, timeout=_TURN_SECONDS, blocking=False)
    with domain_events.opened(stores, stream) as platform:
        while not stopping.is_set():
            if turn.acquire():
                try:
                    _take_turn(stores, platform, stopping, turn)
                finally:
                    _give_up(turn)
            stopping.wait(_TURN_SECONDS / 2)


def _take_turn(stores: Stores, platform: Stream, stopping: threading.Event, turn: Any) -> None:
    """Until `stopping`, or until another has the turn: this process was held up for long."""
    live = Live(stores, platform, now())
    before = time.monotonic()
    while not stopping.wait(TICK):
        try:
            turn.reacquire()
        except LockError:
            return
        passed, before = time.monotonic() - before, time.monotonic()
        # A busy machine is late; one that slept makes up for nothing.
        live.tick(now(), min(max(passed, TICK), _MOST))


def _give_up(turn: Any) -> None:
    try:
        turn.release()
    except LockError:
        return  # it has run out


class Live:
    """The lives of all profiles of the demo that are there, from `began` on."""

    def __init__(self, stores: Stores, platform: Stream, began: datetime):
        self.stores, self.platform, self.look_again_at = stores, platform, began
        self.lives: dict[UUID, Life] = {}

    def tick(self, at: datetime, seconds: float) -> None:
        """Tells what happens in the `seconds` before `at`."""
        told: list[Told] = []
        posted: list[Event] = []
        if at >= self.look_again_at:
            self.look_again_at = at + _LOOK_AGAIN
            told += self._look(at)
        for life in self.lives.values():
            happened = life.happen(at, seconds)
            told += happened.told
            posted += happened.posted
        if told:
            self.platform.publish(json.dumps(event) for event in told)
        if posted:
            events.store(self.stores, posted, at)

    def _look(self, at: datetime) -> list[Told]:
        """Sees which profiles are there, and renews what is due: one subscription of each in a minute, so
        that what fell due while nobody ran the demo is no flood."""
        with self.stores.database.transaction() as tx:
            there = ready(tx)
            givers = {owner: _givers(tx, owner) for owner in there - self.lives.keys()}
            due = {owner: list(renewals.due(tx, owner, at)) for owner in there}
        until = convertible_until(self.stores.database) if givers else None
        for persona in PERSONAS:
            owner = persona.profile_id
            if owner in givers:
                self.lives[owner] = Life(persona, at, until, givers[owner])
        self.lives = {owner: life for owner, life in self.lives.items() if owner in there}
        return [told for owner, life in self.lives.items() for told in life.renew(due[owner], at)]


def _givers(tx: Transaction, profile_id: UUID) -> list[tuple[str, str]]:
    """Who gave lately, and from which country, the oldest first; who gave often more than once."""
    lately = (
        select(T.counterparty_id, T.counterparty_country)
        .where(T.profile_id == profile_id, T.transaction_type == "gift", T.counterparty_country.is_not(None))
        .order_by(T.transaction_date.desc())
        .limit(KNOWN_GIVERS)
    )
    return [(row["counterparty_id"], row["counterparty_country"]) for row in reversed(tx.rows(lately))]
