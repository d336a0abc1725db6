"""The one place that executes SQL."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import text

from models.database import Database, Transaction
from models.errors import Unavailable
from models.schema import transactions

PROFILE = UUID(int=1)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "profile_id": PROFILE,
        "id": UUID(int=number),
        "transaction_type": "gift",
        "status": "completed",
        "amount": number,
        "currency": "EUR",
        "share_amount": number,
        "transaction_date": AT,
        "local_date": AT.date(),
        "metadata": {"note": 'tab\t, quote " and \\ back'},
        "received_at": AT,
        "updated_at": AT,
        **values,
    }


def stored(tx: Transaction) -> dict[UUID, tuple[Any, ...]]:
    columns = (
        transactions.c.amount,
        transactions.c.metadata,
        transactions.c.split,
        transactions.c.partner_id,
    )
    return {found["id"]: tuple(found.values())[1:] for found in tx.rows(select(transactions.c.id, *columns))}


@pytest.mark.parametrize("many", [3, 200, 201, 450])
def test_only_rows_that_are_new_are_inserted_and_returned(database: Database, many: int) -> None:
    with database.transaction() as tx:
        tx.insert_new(transactions, [row(1, amount=5)])
        batch = [row(number, split={"profile": "1"}, partner_id=None) for number in range(1, many + 1)]
        # The last one twice: the first of the two is kept.
        inserted = tx.insert_new(transactions, [*batch, row(many, amount=0, split=None, partner_id="p")])
        assert {key["id"] for key in inserted} == {UUID(int=number) for number in range(2, many + 1)}
        assert len(inserted) == many - 1
        kept = stored(tx)
        assert kept[UUID(int=1)][0] == 5
        assert kept[UUID(int=many)] == (many, row(1)["metadata"], {"profile": "1"}, None)
        assert tx.insert_new(transactions, batch) == []
        assert tx.insert_new(transactions, []) == []


def test_both_ways_in_store_the_same(database: Database) -> None:
    numbers = range(1, 301)
    found = []
    for size in (100, 300):
        with database.transaction() as tx:
            tx.run(transactions.delete())
            for first in range(0, 300, size):
                rows = [row(number, split=None if number % 2 else {"a": [1]}) for number in numbers]
                tx.insert_new(transactions, rows[first : first + size])
            found.append(stored(tx))
    assert found[0] == found[1]


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.insert_new(transactions, [row(1)])
        raise ZeroDivisionError
    with database.transaction() as tx:
        assert stored(tx) == {}


def test_a_snapshot_sees_one_instant_and_writes_nothing(database: Database) -> None:
    with database.snapshot() as tx:
        assert stored(tx) == {}
        with database.transaction() as other:
            other.insert_new(transactions, [row(1)])
        assert stored(tx) == {}
    with pytest.raises(DBAPIError, match="read-only"), database.snapshot() as tx:
        tx.run(transactions.delete())


def partitions(database: Database, table: str) -> list[str]:
    children = "select inhrelid::regclass::text as name from pg_inherits where inhparent = '{}'::regclass"
    with database.transaction() as tx:
        return sorted(found["name"] for found in tx.rows(text(children.format(table))))


@pytest.mark.parametrize("table", ["profile_events", "api_request_metrics"])
def test_partitions_are_made_for_the_months_that_are_missing(database: Database, table: str) -> None:
    moments = ["2025-12-31T23:59:59+00:00", "2026-01-01T00:00:00+00:00", "2026-01-31T23:00:00+00:00"]
    before = partitions(database, table)
    for _ in range(2):
        database.ensure_partitions([datetime.fromisoformat(moment) for moment in moments], table)
    assert sorted({*partitions(database, table)} - {*before}) == [f"{table}_2025_12", f"{table}_2026_01"]


def test_a_moment_falls_into_its_month_of_utc(database: Database) -> None:
    before = partitions(database, "profile_events")
    database.ensure_partitions([datetime.fromisoformat("2026-04-30T23:30:00+00:00")])
    database.ensure_partitions([datetime.fromisoformat("2026-05-01T01:30:00+02:00")])
    assert sorted({*partitions(database, "profile_events")} - {*before}) == ["profile_events_2026_04"]


def test_many_may_ask_for_the_same_partition_at_once(database: Database, database_url: str) -> None:
    processes = [Database(database_url) for _ in range(4)]
    months = [datetime(2020, month, 1, tzinfo=UTC) for month in range(1, 13)]
    failed: list[Exception] = []

    def ask(one: Database, wanted: list[datetime]) -> None:
        try:
            one.ensure_partitions(wanted)
        except Exception as error:
            failed.append(error)

    threads = [
        Thread(target=ask, args=(one, months if index % 2 else months[::-1]))
        for index, one in enumerate(processes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in processes:
        one.close()
    assert failed == []
    assert len([name for name in partitions(database, "profile_events") if "_2020_" in name]) == 12


def test_one_writer_at_a_time_for_each_profile(database: Database) -> None:
    """Adds to a figure by reading and writing it, which only works one after the other."""
    with database.transaction() as tx:
        tx.insert_new(transactions, [row(1, amount=0)])

    def add_one() -> None:
        for _ in range(10):
            with database.transaction() as tx:
                tx.lock_profile(PROFILE)
                amount = tx.value(select(transactions.c.amount))
                tx.run(transactions.update().values(amount=amount + 1))

    threads = [Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as tx:
        assert tx.value(select(transactions.c.amount)) == 40


def test_writers_of_two_profiles_do_not_wait_for_each_other(database: Database) -> None:
    with database.transaction() as tx, database.transaction() as other:
        tx.lock_profile(UUID(int=1))
        other.lock_profile(UUID(int=2))
        other.run(text("set local lock_timeout = '200ms'"))
        with pytest.raises(Unavailable), database.transaction() as third:
            third.run(text("set local lock_timeout = '200ms'"))
            third.lock_profile(UUID(int=1))


def test_a_database_that_is_away_is_told_in_one_sentence() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="The database is away; nothing was stored"):
        away.ping()
    away.close()


def test_a_statement_has_an_end_unless_it_may_take_its_time(database_url: str) -> None:
    hurried = Database(database_url, longest=0.2)
    with pytest.raises(Unavailable, match="takes too long"), hurried.transaction() as tx:
        tx.run(text("select pg_sleep(5)"))
    with hurried.transaction() as tx:
        tx.take_time()
        tx.run(text("select pg_sleep(0.5)"))
    hurried.close()


@pytest.mark.parametrize("many", [1, 300])
def test_a_full_disk_is_no_error_of_ours(database: Database, many: int) -> None:
    """Neither by INSERT nor by COPY, which speaks to the driver itself."""
    full = "begin raise exception 'no space' using errcode = 'disk_full'; end"
    with database.transaction() as tx:
        tx.run(text(f"create function fail() returns trigger language plpgsql as $$ {full} $$"))
        tx.run(text("create trigger t before insert on transactions for each row execute function fail()"))
    with pytest.raises(Unavailable), database.transaction() as tx:
        tx.insert_new(transactions, [row(number) for number in range(many)])
    columns = tuple(row(1))
    with pytest.raises(Unavailable), database.transaction() as tx:
        rows = [row(number) | {"metadata": "{}"} for number in range(many)]
        tx.copy(transactions, columns, [list(each.values()) for each in rows])


def test_a_connection_that_was_closed_is_replaced(database: Database, database_url: str) -> None:
    database.ping()
    another = Database(database_url)
    with another.transaction() as tx:
        tx.rows(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and datname = current_database()"
            )
        )
    another.close()
    database.ping()


@pytest.mark.parametrize("key", [PROFILE, UUID(int=2**128 - 1), UUID(int=2**127 + 5), UUID(int=2**95)])
def test_a_lock_is_seen_without_being_taken(database: Database, key: UUID) -> None:
    with database.transaction() as other:
        assert not other.is_locked(key)
        with database.transaction() as holder:
            assert holder.try_lock(key)
            assert other.is_locked(key)
            assert not other.is_locked(UUID(int=key.int ^ 1))
        assert not other.is_locked(key)
        with database.transaction() as next_one:
            assert next_one.try_lock(key)
