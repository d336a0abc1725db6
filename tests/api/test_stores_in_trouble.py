"""What is answered while PostgreSQL or Redis are there but can't do their work: full, slow, crowded."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy.sql import text
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from models.clock import now
from models.database import Database
from models.ids import new_id
from models.stores import Stores
from services import accounts
from services.profiles import Profile
from tests.api.conftest import PASSWORD, Headers, on_a_page, problem

Writes = Callable[[], list[TestResponse]]
EMAIL = "alice@example.com"
FORM = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def impatient(stores: Stores, database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """The app with two connections, for which it waits no longer than for anything else: a moment."""
    database = Database(database_url, pool_size=1, patience=0.3, longest=1)
    database.engine.pool._timeout = 0.3
    yield create_app(Config(data_dir=tmp_path), Stores(database, stores.redis, stores.keys)).test_client()
    database.close()


@pytest.fixture
def writes(impatient: FlaskClient, platform: Headers, anna: Profile) -> Writes:
    """Sends one of everything, the same each time."""
    mine: dict[str, Any] = {"profileId": str(anna.profile_id)}
    event = {**mine, "eventType": "view", "id": str(new_id()), "timestamp": now().isoformat()}
    many = [{**event, "id": str(new_id())} for _ in range(300)]
    sale = {**mine, "id": str(new_id()), "type": "gift", "amount": "5", "currency": "EUR"}
    cost = {**mine, "category": "tools", "description": "A lamp", "amount": "7", "date": "2026-11-01"}

    def send() -> list[TestResponse]:
        return [
            impatient.post("/api/profile-analytics/event", json=event, headers=platform),
            impatient.post("/api/profile-analytics/event", json={"events": many}, headers=platform),
            impatient.post("/api/transactions", json=sale, headers=platform),
            impatient.post("/api/costs", json=cost, headers={**platform, "Idempotency-Key": "lamp"}),
        ]

    return send


@pytest.fixture
def page(impatient: FlaskClient, stores: Stores, anna: Profile) -> Callable[[], TestResponse]:
    """Asks for a page as Alice, who signed in before."""
    with stores.database.transaction() as tx:
        alice = accounts.add(tx, EMAIL, PASSWORD, now())
        accounts.grant(tx, alice.account_id, anna.profile_id, "owner", now())
    assert (
        on_a_page(impatient).post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 302
    )
    return lambda: impatient.get("/costs")


def refused(answers: list[TestResponse], detail: str, code: str = "unavailable") -> None:
    for answer in answers:
        problem(answer, 503, code)
        assert detail in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) >= 1


def taken(answers: list[TestResponse]) -> None:
    assert [answer.status_code for answer in answers] == [201] * 4


def views(client: FlaskClient, profile: Profile, headers: Headers) -> Any:
    answer = client.get(f"/api/profile-analytics/{profile.profile_id}/overview", headers=headers)
    return answer.json["views"] if answer.status_code == 200 else answer.status_code


@contextmanager
def altered(url: str, change: str, back: str) -> Iterator[None]:
    """The database with a setting of its own, for connections that begin after that."""
    address = url.replace("+psycopg", "", 1)
    name = sql.Identifier(address.rsplit("/", 1)[1])
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(change).format(name))
        connection.execute(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        yield
        connection.execute("set default_transaction_read_only = off")
        connection.execute(sql.SQL(back).format(name))
        connection.execute(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize(
    ("state", "detail"),
    [
        ("53100", "The database is away"),  # disk full
        ("53200", "The database is away"),  # out of memory
        ("58030", "The database is away"),  # the disk fails
        ("42501", "can only be read"),  # so PostgreSQL calls it when its disk can only be read
        ("25006", "can only be read"),
    ],
)
def test_a_disk_that_takes_nothing(
    impatient: FlaskClient, writes: Writes, stores: Stores, platform: Headers, anna: Profile,
    state: str, detail: str,
) -> None:  # fmt: skip
    """Nothing is acknowledged, reading goes on, and the same is taken once there is room."""
    fail = f"begin raise exception 'could not extend file' using errcode = '{state}'; end"
    tables = ("profile_events", "transactions", "cost_entries")
    with stores.database.transaction() as tx:
        tx.run(text(f"create function fail() returns trigger language plpgsql as $$ {fail} $$"))
        for table in tables:
            tx.run(
                text(
                    f"create trigger full_disk before insert on {table} for each row execute function fail()"
                )
            )
    refused(writes(), detail)
    assert views(impatient, anna, platform) == 0
    with stores.database.transaction() as tx:
        for table in tables:
            tx.run(text(f"drop trigger full_disk on {table}"))
    taken(writes())
    assert views(impatient, anna, platform) == 301


def test_a_database_that_can_only_be_read(
    impatient: FlaskClient, writes: Writes, page: Callable[[], TestResponse], database_url: str,
    platform: Headers, anna: Profile,
) -> None:  # fmt: skip
    change = "alter database {} set default_transaction_read_only = on"
    back = "alter database {} reset default_transaction_read_only"
    with altered(database_url, change, back):
        refused(writes(), "can only be read")
        assert views(impatient, anna, platform) == 0
        assert page().status_code == 200
    taken(writes())


def test_too_many_connections(
    impatient: FlaskClient, writes: Writes, page: Callable[[], TestResponse], database_url: str,
) -> None:  # fmt: skip
    """PostgreSQL itself lets nobody in."""
    change, back = "alter database {} connection limit 0", "alter database {} connection limit -1"
    with altered(database_url, change, back):
        refused(writes(), "The database is away")
        calm(page())
        assert impatient.get("/healthz").status_code == 200
        assert impatient.get("/readyz").status_code == 503
    taken(writes())
    assert page().status_code == 200


def test_all_connections_are_in_use(
    impatient: FlaskClient, writes: Writes, page: Callable[[], TestResponse]
) -> None:
    database: Database = impatient.application.extensions["stores"].database
    with ExitStack() as others:
        for _ in range(2):
            others.enter_context(database.transaction()).value(text("select 1"))
        refused(writes(), "Too much is asked at once")
        calm(page())
    taken(writes())
    assert page().status_code == 200


def test_a_slow_database(
    impatient: FlaskClient, writes: Writes, stores: Stores, platform: Headers, anna: Profile
) -> None:
    """Whoever waits for somebody else's lock is told so after a moment; a statement has an end."""
    taken(writes())
    with stores.database.transaction() as other:
        other.run(text("lock table profile_events, profile_performance, transactions, cost_entries"))
        refused(writes(), "Try again", "busy")
        assert views(impatient, anna, platform) == 503
    with stores.database.transaction() as tx:
        tx.run(text("alter table profiles rename to slowly"))
        tx.run(text("create view profiles as select * from slowly where pg_sleep(5) is not null"))
    slow = impatient.get(f"/api/profile-analytics/{anna.profile_id}/overview", headers=platform)
    refused([slow], "takes too long")


def test_a_redis_that_is_full(
    impatient: FlaskClient, writes: Writes, page: Callable[[], TestResponse], stores: Stores
) -> None:
    """It goes on as without one: live waits, limits are counted in each process alone."""
    before = stores.redis.config_get("maxmemory")["maxmemory"]
    stores.redis.config_set("maxmemory", 1)
    try:
        taken(writes())
        assert page().status_code == 200
        assert (
            on_a_page(impatient).post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code
            == 302
        )
    finally:
        stores.redis.config_set("maxmemory", before)
    stores.feed.flush(at_once=True)


def calm(answer: TestResponse) -> None:
    """A page that says it in a sentence, and when to come back."""
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Try again in a moment" in answer.text
    assert "Traceback" not in answer.text
