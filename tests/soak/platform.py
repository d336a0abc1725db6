"""The platform that puts domain events on the stream, as a careful one does.

Redis writes its log once a second: what it answered a moment before it was killed may be gone. So the
platform puts what it published in the last seconds there again, once Redis was away: every event has its id.
"""

import json
import time
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from threading import Event, Thread
from typing import Any

from redis.exceptions import RedisError

from models.ids import new_id
from models.stores import Stores
from services.domain_events.stream import Stream, opened
from services.profiles import Profile
from tests.soak.journal import Journal, Sale
from tests.soak.load import a_second_ago, client_agent

AGAIN = 5.0
"""Seconds before the loss of Redis, of which all is published again."""
_PER_SECOND = 1.5
_OLD_ENOUGH = 5.0


class Platform:
    """Publishes a bundle of events again and again, until `stop`."""

    def __init__(self, stores: Stores, profiles: Sequence[Profile], journal: Journal, seed: int):
        self._stores, self._profiles, self._journal = stores, profiles, journal
        self._random = Random(f"{seed} platform")
        self._stopping = Event()
        self._recent: deque[tuple[float, str, str]] = deque(maxlen=2_000)
        self._sales: deque[tuple[float, Profile, str, Decimal]] = deque()
        self._known: str | None = None
        self._alive = time.monotonic()
        self._until: float | None = None
        self._thread = Thread(target=self._run, name="platform")

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float) -> bool:
        """Whether all was published."""
        self._until = time.monotonic() + patience
        self._stopping.set()
        self._thread.join(patience + 30)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with opened(self._stores) as stream:
            while not self._stopping.wait(self._random.uniform(0.5, 1.5) / _PER_SECOND):
                self._publish(stream, self._bundle())
            # What Redis lost just before the end.
            self._publish(stream, [])

    def _publish(self, stream: Stream, bundle: list[tuple[Profile, dict[str, Any]]]) -> None:
        texts = [json.dumps(event) for _, event in bundle]
        self._journal.sending(*(event["id"] for _, event in bundle))
        while self._until is None or time.monotonic() < self._until:
            try:
                self._look_after(stream)
                ids = stream.publish([*texts, *self._random.sample(texts, len(texts) // 4)]) if texts else []
            except RedisError:
                time.sleep(0.3)
                continue
            at = time.monotonic()
            self._alive = at
            self._recent += [(at, key, text) for key, text in zip(ids, texts, strict=False)]
            for profile, event in bundle:
                self._acknowledged(profile, event, at)
            return

    def _look_after(self, stream: Stream) -> None:
        """Whether this is still the Redis that it was; if not, what it may have lost goes there again."""
        run = stream.redis.info("server")["run_id"]
        if self._known not in (None, run):
            recent = [each for each in self._recent if each[0] > self._alive - AGAIN]
            self._journal.lost_by_redis += sum(
                not stream.redis.xrange(stream.name, key, key) for _, key, _ in recent
            )
            if recent:
                stream.publish([text for _, _, text in recent])
            self._journal.published_again += len(recent)
        self._known = run

    def _acknowledged(self, profile: Profile, event: dict[str, Any], at: float) -> None:
        self._journal.published += 1
        key, data = event["id"], event["data"]
        if event["type"] == "profile.viewed":
            self._journal.acknowledged([key], profile.profile_id, {key})
        elif event["type"] == "transaction.refunded":
            self._journal.open.discard(key)
            self._journal.given_back(data["id"], Decimal(data["amount"]))
        else:
            self._journal.sold(key, Sale(profile.profile_id, Decimal(data["amount"]), "completed"))
            self._sales.append((at, profile, key, Decimal(data["amount"])))

    def _bundle(self) -> list[tuple[Profile, dict[str, Any]]]:
        bundle = []
        for _ in range(self._random.randint(2, 8)):
            profile = self._random.choice(self._profiles)
            bundle.append((profile, self._event(profile)))
        if self._sales and self._sales[0][0] < time.monotonic() - _OLD_ENOUGH:
            _, profile, sale, amount = self._sales.popleft()
            part = str((amount / 2).quantize(Decimal("0.01")))
            bundle.append((profile, _event("transaction.refunded", profile, id=sale, amount=part)))
        return bundle

    def _event(self, profile: Profile) -> dict[str, Any]:
        random = self._random
        kind = random.choice(("view", "view", "view", "gift", "booking", "charge"))
        if kind == "view":
            who = {"visitorId": f"v{random.randrange(200)}", "userAgent": client_agent(random)}
            return _event("profile.viewed", profile, ip="192.0.2.7", **who)
        paid = {"amount": str(Decimal(random.randrange(200, 20_000)) / 100), "currency": profile.currency}
        if kind == "gift":
            return _event("gift.purchased", profile, giftId=str(new_id()), donorId="ada", **paid)
        if kind == "booking":
            split = {"profile": "0.6", "partner": "0.4"}
            return _event(
                "booking.completed", profile, bookingId=str(new_id()), partnerId="bea", split=split, **paid
            )
        who = {"subscriptionId": str(new_id()), "subscriberId": f"s{random.randrange(30)}"}
        return _event("subscription.charged", profile, interval="month", **who, **paid)


def _event(kind: str, profile: Profile, **data: Any) -> dict[str, Any]:
    data["profileId"] = str(profile.profile_id)
    return {"id": str(new_id()), "type": kind, "occurredAt": a_second_ago(), "data": data}
