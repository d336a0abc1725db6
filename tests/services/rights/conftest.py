"""Profiles that have something of everything, and a look into every corner for what is left of one."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Event as Signal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    LargeBinary,
    Numeric,
    Table,
    Uuid,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from models.clock import now
from models.ids import new_id
from models.outside import Outside
from models.retention import Periods
from models.schema import metadata, muted_networks, profile_changes
from models.stores import Stores
from services import accounts, costs, jobs, tokens
from services.alerts import inbox
from services.delivery import channels
from services.domain_events.dead import letter
from services.domain_events.stream import FIELD, Message, Stream, opened
from services.imports.upload import import_upload
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from services.retention import months
from services.rights import holdings
from tests.judge import MINISTRY, judging
from tests.services.domain_events.conftest import event
from tests.services.jobs.conftest import statement

PASSWORD = "a long password"
Fill = Callable[[Profile], None]


@pytest.fixture
def stream(stores: Stores) -> Iterator[Stream]:
    """The empty stream of domain events."""
    with opened(stores) as source:
        source.join()
        yield source


@pytest.fixture
def fill(stores: Stores, stream: Stream, publish: Callable[..., None]) -> Fill:
    """Gives a profile something of everything: in every table, in Redis and on the disk."""
    publish("INR", "2026-10-01", "90")
    publish("INR", now().date().isoformat(), "90")

    def everything(profile: Profile) -> None:
        of(judging(stores), profile)
        closed_month(stores, profile)
        waiting(stream, profile)
        with stores.database.transaction() as tx:
            rest(tx, profile)

    return everything


def of(stores: Stores, profile: Profile) -> None:
    """Data as it comes in by every door."""
    mark = marker(profile)
    who: dict[str, Any] = {"profile_id": profile.profile_id}
    with stores.database.transaction() as tx:
        owner = accounts.add(tx, f"owner-{profile.name}@example.com".lower(), PASSWORD, now())
        accounts.grant(tx, owner.account_id, profile.profile_id, "owner", now())
        tokens.make(tx, "k" * 40, profile.profile_id, mark, ["read"], 30, now())
        address = f"https://{mark}.example/"
        channels.add(tx, profile.profile_id, "webhook", address, now(), Outside(allow_http=True))
    seen = {**who, "user_agent": mark, "referrer": f"https://{mark}.example/"}
    views = [
        Event(**seen, event_type=kind, visitor_id=f"{mark}-{many}", target=target, duration_seconds=9)
        for many in range(3)
        for kind, target in (("view", None), ("click", "gift-catalog"), ("inquiry", None), ("share", None))
    ]
    ministry = Event(**seen, event_type="view", ip=MINISTRY)
    events.store(stores, [*views, ministry], now())
    sale = {**who, "date": now() - timedelta(days=3), "type": "booking", "amount": "200"}
    split = {"partnerId": f"partner-{mark}", "split": {"profile": "0.6", "partner": "0.4"}}
    sales = [
        Transaction(**sale, **split, clientId=f"client-{mark}"),
        Transaction(
            **{**sale, "type": "gift", "amount": "10.50"}, donorId=f"donor-{mark}", itemName=f"=1+{mark}"
        ),
        Transaction(**sale, status="refunded", refundedAmount="50.25"),
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, sales, now())
        spent = Cost(**who, category="tools", amount="3.30", date=date(2026, 10, 1), description=mark)
        costs.add(tx, profile, spent, now())
    import_upload(stores, profile, statement(3))
    jobs.rebuild(stores, profile.profile_id, mark, now())


def closed_month(stores: Stores, profile: Profile, **who: Any) -> None:
    """A month of long ago, whose events were dropped."""
    long_ago = now() - timedelta(days=900)
    seen = {"visitor_id": marker(profile), **who}
    events.store(stores, [Event(profile_id=profile.profile_id, event_type="view", **seen)], long_ago)
    counts = months.close_months(stores, profile.profile_id, now(), Periods().raw, Signal())
    assert counts.before == {"months": 1, "events": 1}


def rest(tx: Any, profile: Profile) -> None:
    """A row in every table that has none yet."""
    own = {"profile_id": profile.profile_id, **_now("started_at")}
    tx.run(
        insert(profile_changes).values(
            change_id=new_id(), time_zone="UTC", currency="EUR", status="done", **own
        )
    )
    alert = inbox.listing(tx, profile.profile_id)[0]
    muted = {"network_id": alert.alert_id, "organization": marker(profile), **_now("muted_at")}
    tx.run(insert(muted_networks).values(profile_id=profile.profile_id, **muted))
    for table in holdings.tables():
        own_rows = select(func.count()).select_from(table).where(table.c.profile_id == profile.profile_id)
        if not tx.value(own_rows):
            tx.run(insert(table).values(_row(tx, table, profile)))


def _row(tx: Any, table: Table, profile: Profile) -> dict[str, Any]:
    """Some row of the profile: what other rows it refers to is found, the rest is made up."""
    row: dict[str, Any] = {"profile_id": profile.profile_id}
    for constraint in table.foreign_key_constraints:
        parts = [(each.parent.name, each.column) for each in constraint.elements]
        if len(parts) > 1:
            parent = parts[0][1].table
            found = tx.first(select(parent).where(parent.c.profile_id == profile.profile_id))
            row |= {name: found[column.name] for name, column in parts}
    for column in table.c:
        if column.name not in row and not column.nullable and column.server_default is None:
            row[column.name] = _value(column.type, profile)
    return row


def _value(kind: Any, profile: Profile) -> Any:
    for known, value in (
        (Boolean, True), (DateTime, now()), (Date, now().date()), (Uuid, new_id()), (ARRAY, []),
        (JSONB, {}), (LargeBinary, b"1"), (Numeric, Decimal(1)),
    ):  # fmt: skip
        if isinstance(kind, known):
            return value
    return marker(profile) if kind.python_type is str else 1


def _now(*names: str) -> dict[str, datetime]:
    return dict.fromkeys(names, now())


def waiting(stream: Stream, profile: Profile) -> None:
    """A domain event that nobody has read, one that is in somebody's hands, and a dead one."""
    told = [json.dumps(event(profile, "profile.viewed", userAgent=marker(profile))) for _ in range(2)]
    stream.publish(told[:1])
    stream.read("somebody", 1, 0)
    stream.publish(told[1:])
    spoilt = Message("1-1", {FIELD: told[0][:-20].upper()})
    stream.redis.xadd(stream.dead, letter(spoilt, "It is no JSON.", now()))


def marker(profile: Profile) -> str:
    """A text that only this profile's data hold."""
    return f"zz{profile.name.lower()}zz"


def left(stores: Stores, profile: Profile) -> list[str]:
    """Every place where anything names the profile: each row of each table, each key and value in Redis, and
    the data directory."""
    marks = [str(profile.profile_id), profile.profile_id.hex, profile.public_key, marker(profile)]
    found = []
    with stores.database.transaction() as tx:
        for table in metadata.sorted_tables:
            for row in tx.rows(select(literal_column("x.*::text").label("t")).select_from(table.alias("x"))):
                found += [f"{table.name}: {row['t']}" for mark in marks if mark in row["t"].lower()]
    with opened(stores) as source:
        for key in source.redis.scan_iter():
            for text in (key, *_dump(source.redis, key)):
                found += [f"{key}: {text}" for mark in marks if mark.lower() in text.lower()]
    folder = stores.keys.folder.parent
    for path in folder.rglob("*"):
        text = str(path.relative_to(folder)) + (path.read_bytes().hex() if path.is_file() else "")
        found += [str(path) for mark in marks if mark in text or mark.encode().hex() in text]
    return found


def _dump(redis: Any, key: str) -> list[str]:
    read = {
        "string": lambda: [redis.get(key)],
        "list": lambda: redis.lrange(key, 0, -1),
        "zset": lambda: redis.zrange(key, 0, -1),
        "hash": lambda: redis.hgetall(key).items(),
        "stream": lambda: redis.xrange(key),
        "set": lambda: redis.smembers(key),
    }
    return [str(each) for each in read[redis.type(key)]()]


def known(stores: Stores, profile_id: UUID) -> dict[str, list[Any]]:
    """Every row of the profile, by table."""
    with stores.database.transaction() as tx:
        return {
            table.name: [
                dict(row)
                for row in tx.rows(
                    select(table).where(table.c.profile_id == profile_id).order_by(*table.primary_key)
                )
            ]
            for table in holdings.tables()
        }
