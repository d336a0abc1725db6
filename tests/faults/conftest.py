"""The faults that the product has to live through, each of them made to happen. `make faults` runs these;
`make test` does not, for they take minutes.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import func, select

from models.clock import now
from models.feed import order
from models.ids import new_id
from models.schema import profile_events, transactions
from models.stores import Stores
from services import profiles, rollups, tokens
from services.domain_events.dead import Letter, letters
from services.domain_events.stream import Stream, opened
from services.profiles import Profile
from tests.faults.machine import Machine, eventually
from tests.faults.watcher import Watcher
from tests.served import Served

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
_AMOUNT = Decimal("12.50")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are of this kind."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    # Not in pytest's own folders: as root those are closed to the user that the engines run as.
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-faults-"))
    folder.chmod(0o711)
    started = Machine(folder)
    try:
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def web(machine: Machine) -> Iterator[Served]:
    """A web server of two processes."""
    served = machine.serving()
    with served:
        yield served


@dataclass(frozen=True)
class Anna:
    """A profile of the test's own, and all that is told of it: by the platform, and by REST."""

    machine: Machine
    stores: Stores
    profile: Profile
    stream: Stream
    served: Served

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.served.ports[1]}"

    @property
    def token(self) -> str:
        """For everything, of this profile alone."""
        return tokens.mint(
            self.stores.keys.jwt,
            subject="anna",
            profiles=[self.profile.profile_id],
            scopes=("read", "events:write"),
            now=now(),
            days=1,
        )

    def watcher(self, since: str | None = None) -> Watcher:
        address = self.url.replace("http", "ws", 1) + "/realtime"
        return Watcher(address, self.token, self.profile.profile_id, since)

    def view(self, **data: Any) -> dict[str, Any]:
        """A domain event."""
        return self._event("profile.viewed", ip="192.0.2.1", userAgent=BROWSER, **data)

    def gift(self) -> dict[str, Any]:
        return self._event(
            "gift.purchased", giftId=str(new_id()), category="roses", amount=str(_AMOUNT), currency="EUR"
        )

    def publish(self, *events: dict[str, Any] | str) -> None:
        """As the platform does, by Redis."""
        self.stream.publish([each if isinstance(each, str) else json.dumps(each) for each in events])

    def post(
        self, key: str | None = None, at: datetime | None = None, url: str | None = None
    ) -> requests.Response:
        """A view by REST."""
        event = {"profileId": str(self.profile.profile_id), "eventType": "view", "id": key or str(new_id())}
        event |= {"timestamp": (at or now()).isoformat(), "visitorId": event["id"]}
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": BROWSER}
        return requests.post(
            f"{self.url}/api/profile-analytics/event", json=event, headers=headers, timeout=60
        )

    def settled(self, seconds: float = 90) -> bool:
        """Whether all domain events are counted or dead in so many seconds."""

        def done() -> bool:
            (group,) = self.stream.redis.xinfo_groups(self.stream.name) or ({"pending": 1, "lag": 1},)
            return group["pending"] == 0 and group["lag"] == 0

        return eventually(done, seconds)

    def dead(self) -> list[Letter]:
        return list(letters(self.stream))

    def holds(self, views: set[str], gifts: set[str] = frozenset()) -> None:
        """Exactly these are stored, each once; every rollup is their sum; every total is right."""
        E, T, mine = profile_events.c, transactions.c, self.profile.profile_id  # noqa: N806  # tables
        with self.stores.database.transaction() as tx:
            stored = [str(row["id"]) for row in tx.rows(select(E.id).where(E.profile_id == mine))]
            sold = [str(row["id"]) for row in tx.rows(select(T.id).where(T.profile_id == mine))]
            gross = tx.value(select(func.coalesce(func.sum(T.amount), 0)).where(T.profile_id == mine))
        assert (len(stored), set(stored)) == (len(views), views)
        assert (len(sold), set(sold)) == (len(gifts), set(gifts))
        assert gross == _AMOUNT * len(gifts)
        assert rollups.verify(self.stores.database, mine) == []
        query = {"period": "7d", "granularity": "day", "compare": "none"}
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.url}/api/{{}}/{mine}/{{}}"
        overview = requests.get(
            address.format("profile-analytics", "overview"), params=query, headers=headers, timeout=60
        ).json()
        revenue = requests.get(
            address.format("revenue", "summary"), params=query, headers=headers, timeout=60
        ).json()
        assert overview["views"] == len(views)
        assert Decimal(revenue["gross"]) == gross

    def told(self, events: set[str]) -> None:
        """The live stream tells each of these at least once, with rising ids."""
        entries, position = [], "0-0"
        while page := self.stores.feed.after(self.profile.profile_id, position).entries:
            entries += page
            position = page[-1].id
        ids = [order(entry.id) for entry in entries]
        assert ids == sorted(set(ids))
        assert events <= {json.loads(entry.body)["eventId"] for entry in entries}

    def _event(self, kind: str, **data: Any) -> dict[str, Any]:
        # A little past, so that no clock of another process is behind it.
        at = now() - timedelta(seconds=1)
        data["profileId"] = str(self.profile.profile_id)
        return {"id": str(new_id()), "type": kind, "occurredAt": at.isoformat(), "data": data}


@pytest.fixture
def anna(machine: Machine, web: Served) -> Iterator[Anna]:
    stores = machine.stores()
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="Anna", time_zone="Europe/Berlin", currency="EUR", at=now())
    with opened(stores, f"events-{uuid4().hex}") as stream:
        stream.join()
        yield Anna(machine, stores, profile, stream, web)
    stores.close()


def ids(events: list[dict[str, Any]]) -> set[str]:
    """The ids of domain events."""
    return {each["id"] for each in events}


def pause(seconds: float) -> None:
    """Lets a fault last: the time is part of what is tested."""
    time.sleep(seconds)
