"""Alice's profile, full of words that stand nowhere else; Bob, who may look at it; Charlie, who has
another; and nobody. Everything that is asked of the product here is asked by all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy import RowMapping, cast, func, literal, select, union_all
from sqlalchemy.types import Text

from app import create_app
from config import Config
from models.clock import now
from models.database import Database
from models.embedded import Endpoints
from models.keys import Keys
from models.outside import Outside
from models.schema import accounts as people
from models.schema import audit_entries, metadata
from models.stores import Stores
from services import accounts, audit, costs, jobs, profiles, tokens
from services.access import SCOPES
from services.alerts import inbox, mutes
from services.delivery import channels, queue
from services.imports import ledger
from services.imports.statements import Overrides
from services.imports.upload import Upload
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.ingest.revision import MANUAL
from services.jobs import runner
from services.profiles import Profile
from services.retention import runs
from services.rights import shelf
from tests.api.conftest import signed_in
from tests.conftest import copy_of
from tests.judge import MINISTRY, POLICE, judging

MARKS = ("quokka7z", "minist", "state police")
"""What stands in Alice's data alone, in small letters."""
_OWN = "Quokka7z"
_UNWATCHED = {"api_request_metrics"}
"""Tables that count requests, whoever makes them."""


@dataclass(frozen=True)
class World:
    """The app, Alice's and Charlie's profiles, and the ids of what is Alice's, by its name."""

    app: OpenAPI
    stores: Stores
    anna: Profile
    charlies: Profile
    alice: UUID
    bob: UUID
    ids: Mapping[str, str]
    clients: Mapping[str, FlaskClient]
    made: datetime

    def state(self) -> Mapping[str, Any]:
        """A digest of all that is stored of Alice's profile, and of Alice herself, by table."""
        digests = []
        for table in metadata.sorted_tables:
            row = cast(func.row(*table.c), Text)
            digest = select(literal(table.name), func.count(), func.sum(func.hashtextextended(row, 0)))
            if "profile_id" in table.c:
                digest = digest.where(table.c.profile_id == self.anna.profile_id)
            elif table is people:
                digest = digest.where(table.c.account_id.in_([self.alice, self.bob]))
            if table is audit_entries:  # refusals are told aside, sooner or later
                digest = digest.where(~table.c.action.endswith("refused"))
            if table.name not in _UNWATCHED:
                digests.append(digest)
        with self.stores.database.transaction() as tx:
            return {name: (many, digest) for name, many, digest in map(_values, tx.rows(union_all(*digests)))}


def _values(row: RowMapping) -> tuple[Any, ...]:
    return tuple(row.values())


def leaked(text: str) -> list[str]:
    """Which of Alice's words stand in an answer."""
    plain = text.lower()
    return [mark for mark in MARKS if mark in plain]


@pytest.fixture(scope="module")
def world(endpoints: Endpoints, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All of it, with everybody signed in."""
    assert endpoints.redis_url is not None
    with copy_of(endpoints, template) as url:
        folder = tmp_path_factory.mktemp("isolation")
        client = redis.Redis.from_url(endpoints.redis_url, decode_responses=True)
        client.flushall()
        stores = Stores(Database(url), client, Keys(folder / "keys"))
        yield _built(stores, folder)
        stores.close()


def _built(stores: Stores, folder: Path) -> World:
    app = create_app(Config(data_dir=folder), stores)
    with stores.database.transaction() as tx:
        anna = profiles.add(tx, name=f"{_OWN} Anna", time_zone="Europe/Berlin", currency="EUR", at=now())
        anna = profiles.edit(tx, anna.profile_id, at=now(), name=anna.name, own_hosts=["quokka7z.example"])
        other = profiles.add(tx, name="Carl", time_zone="America/New_York", currency="USD", at=now())
    clients = {"nobody": app.test_client()}
    clients["nobody"].environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    for who, profile, role in (
        ("alice", anna, "owner"),
        ("bob", anna, "viewer"),
        ("charlie", other, "owner"),
    ):
        clients[who] = app.test_client()
        mark = "" if who == "charlie" else "-quokka7z"
        signed_in(clients[who], stores, f"{who}{mark}@example.org", profile, role)
    with stores.database.transaction() as tx:
        alice, bob = (accounts.find(tx, f"{who}-quokka7z@example.org") for who in ("alice", "bob"))
    ids = _fill(stores, anna)
    return World(app, stores, anna, other, alice.account_id, bob.account_id, ids, clients, now())


def _fill(stores: Stores, anna: Profile) -> dict[str, str]:
    own: dict[str, Any] = {"profile_id": anna.profile_id}
    at = now() - timedelta(hours=2)
    today = anna.local_date(at)
    seen = {**own, "timestamp": at, "referrer": "https://quokka7z.example.net/"}
    visits = [
        Event(**seen, event_type=kind, visitor_id=f"v{many}")
        for kind in ("view", "inquiry")
        for many in range(3)
    ]
    visits += [Event(**seen, event_type="view", ip=ip) for ip in (MINISTRY, POLICE)]
    visits += [Event(**seen, event_type="click", target="gift-catalog", visitor_id="v1")]
    events.store(judging(stores), visits, now())
    by_hand = {"metadata": dict(MANUAL)}
    shared = {"partnerId": f"{_OWN} partner", "split": {"profile": "0.6", "partner": "0.4"}}
    given = {"donorId": f"{_OWN} donor", "category": f"{_OWN} roses", "itemName": _OWN}
    sales: tuple[dict[str, Any], ...] = (
        {"type": "gift", "amount": "33", **given},
        {"type": "booking", "amount": "200", **shared},
        {"type": "booking", "amount": "50", "status": "pending", "itemName": f"{_OWN} waits", **by_hand},
        {"type": "gift", "amount": "9", "itemName": f"{_OWN} by hand", **by_hand},
        {"type": "subscription", "amount": "20", "subscriberId": f"{_OWN} eve"},
        {"type": "affiliate", "amount": "7", "category": f"{_OWN} programme"},
        {"type": "gift", "amount": "10", "currency": "XAF", "itemName": f"{_OWN} no rate"},
    )
    spent = [
        Cost(
            **own,
            category=category,
            description=f"{_OWN} {category}",
            amount="5",
            date=today,
            channel=channel,
        )
        for category, channel in (("marketing", f"{_OWN} channel"), ("tools", None), ("subscriptions", None))
    ]
    with stores.database.transaction() as tx:
        recorded = transactions.record(
            tx, anna, [Transaction(**own, date=at, **sale) for sale in sales], now()
        )
        paid = [costs.add(tx, anna, each, now()) for each in spent]
        police, ministry = sorted(inbox.listing(tx, anna.profile_id), key=lambda alert: alert.ip != POLICE)
        inbox.acknowledge(tx, anna.profile_id, at, [police.alert_id])
        muted = mutes.mute(tx, anna.profile_id, police.alert_id, now())
        hook = channels.add(tx, anna.profile_id, "webhook", "https://quokka7z.example/hook", now(), Outside())
        delivery = queue.enqueue_test(tx, anna.profile_id, hook.channel_id, now())
        audit.record(tx, anna.profile_id, "cost-removed", f"{_OWN} actor", now(), f"{_OWN} trail")
        run = runs.begin(tx, anna.profile_id, "addresses", now())
        runs.end(tx, anna.profile_id, run, now(), None, f"{_OWN} stands in the way.")
        token, _ = tokens.make(tx, stores.keys.jwt, anna.profile_id, f"{_OWN} token", SCOPES, 30, now())
    file = f"date,description,amount,currency\n{today},{_OWN} lamp,12.50,EUR\n".encode()
    upload = Upload("costs", "quokka7z.csv", file, "tools", Overrides())
    imported = jobs.import_file(stores, anna.profile_id, upload, "alice-quokka7z@example.org", now())
    assert runner.one(stores)
    with stores.database.transaction() as tx:
        done = jobs.find(tx, anna.profile_id, imported.job_id)
    assert done.status == "done", done.problem
    waiting = jobs.import_file(stores, anna.profile_id, upload, "alice-quokka7z@example.org", now())
    with shelf.placing(stores, anna.profile_id) as archive:
        archive.write(_OWN.encode())
    return {
        "gift": str(recorded.ids[0]), "booking": str(recorded.ids[1]), "pending": str(recorded.ids[2]),
        "seen": at.isoformat(),
        "by hand": str(recorded.ids[3]),
        "cost": str(paid[0].cost_id), "second cost": str(paid[1].cost_id), "third cost": str(paid[2].cost_id),
        "alert": str(ministry.alert_id), "network": str(muted.network_id), "channel": str(hook.channel_id),
        "delivery": str(delivery), "token": str(token.token_id), "job": str(waiting.job_id),
        "import": str(ledger.listing(stores.database, anna.profile_id)[0].import_id),
    }  # fmt: skip
