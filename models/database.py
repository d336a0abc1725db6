"""PostgreSQL: the one place that executes SQL.

Services build SQLAlchemy statements and hand them to a `Transaction`; nothing else calls `execute`.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import Error as DriverError
from psycopg import sql
from psycopg.errors import (
    CheckViolation,
    DeadlockDetected,
    InsufficientPrivilege,
    InternalError_,
    LockNotAvailable,
    QueryCanceled,
    ReadOnlySqlTransaction,
)
from psycopg.errors import OperationalError as DriverTrouble
from psycopg.types.json import Jsonb
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Executable,
    MetaData,
    RowMapping,
    Table,
    create_engine,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import text

from models.errors import AppError, Busy, Unavailable

Rows = Sequence[RowMapping]
_FEW = 200
_log = logging.getLogger(__name__)
PARTITIONED = ("profile_events", "api_request_metrics")


class Transaction:
    """Runs statements inside one database transaction."""

    def __init__(self, connection: Connection, by: str | None = None):
        self._connection = connection
        self.by = by
        """Whom the audit trail names for what is done in it; None where nobody in particular does it."""
        self._locked: set[UUID] = set()
        self.outbox: list[Any] = []
        """What is to be told once this transaction is committed (services.live.outbox)."""

    def rows(self, statement: Executable) -> Rows:
        """All rows of the answer."""
        return self._connection.execute(statement).mappings().all()

    def stream(self, statement: Executable, at_once: int) -> Iterator[RowMapping]:
        """The rows of the answer one by one, of which `at_once` are held at a time."""
        yield from self._connection.execute(statement.execution_options(yield_per=at_once)).mappings()

    def first(self, statement: Executable) -> RowMapping | None:
        """The first row, or None."""
        return self._connection.execute(statement).mappings().first()

    def value(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        return self._connection.execute(statement).scalar()

    def run(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Executes (once per mapping of `values`, if given) and returns how many rows it touched."""
        if values is not None:
            return self._connection.execute(statement, list(values)).rowcount
        return self._connection.execute(statement).rowcount

    def insert_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Rows:
        """Inserts the rows whose primary key is not there yet; returns the keys of those, in no order.

        All rows have the same columns. Many go by COPY into a temporary table first, which keeps both
        its speed and the idempotency.
        """
        if not rows:
            return []
        if len(rows) <= _FEW:
            statement = insert(table).on_conflict_do_nothing().returning(*table.primary_key)
            return self._connection.execute(statement, list(rows)).mappings().all()
        columns = tuple(rows[0])
        incoming = Table(
            f"incoming_{table.name}",
            MetaData(),
            *(Column(name, table.c[name].type) for name in columns),
            prefixes=["TEMPORARY"],
        )
        incoming.create(self._connection)
        json = {name for name in columns if isinstance(table.c[name].type, JSONB)}
        self.copy(
            incoming,
            columns,
            ([_jsonb(row[name]) if name in json else row[name] for name in columns] for row in rows),
        )
        statement = (
            insert(table)
            .from_select(columns, select(*incoming.c))
            .on_conflict_do_nothing()
            .returning(*table.primary_key)
        )
        inserted = self._connection.execute(statement).mappings().all()
        incoming.drop(self._connection)
        return inserted

    def copy(self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Streams `rows` into `table` by COPY, the fastest way in; a row that exists already raises."""
        cursor = self._connection.connection.cursor()
        target = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table.name), _names(columns))
        with cursor.copy(target) as stream:
            for row in rows:
                stream.write_row(row)

    def copy_out(self, table: str, columns: Sequence[str]) -> Iterator[bytes]:
        """All rows of a table, its partitions' included, a line each as PostgreSQL's COPY writes text."""
        cursor = self._connection.connection.cursor()
        source = sql.SQL("copy (select {} from {}) to stdout").format(_names(columns), sql.Identifier(table))
        with cursor.copy(source) as stream:
            for piece in stream:
                yield bytes(piece)

    def copy_in(self, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        """Streams what `copy_out` gave into a table."""
        cursor = self._connection.connection.cursor()
        target = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), _names(columns))
        with cursor.copy(target) as stream:
            for piece in pieces:
                stream.write(piece)

    def lock_profile(self, profile_id: UUID) -> None:
        """Waits until this transaction is the only writer of the profile, until it ends.

        One writer at a time keeps the rollups exact without retries; batches gather the throughput.
        """
        self.lock_profiles([profile_id])

    def lock_profiles(self, profile_ids: Iterable[UUID]) -> None:
        """The same for several: in one order, so that no two transactions wait for each other."""
        wanted = sorted(set(profile_ids) - self._locked)
        if wanted:
            keys = func.unnest(literal([_lock(each) for each in wanted], ARRAY(BigInteger))).column_valued()
            self._connection.execute(select(func.count(func.pg_advisory_xact_lock(keys))))
            self._locked.update(wanted)

    def take_time(self) -> None:
        """Lets the statements of this transaction take as long as they need."""
        self._connection.execute(text("set local statement_timeout = 0"))

    def try_lock(self, key: UUID) -> bool:
        """Takes the lock of what has this id (a profile, an import) if it is free; says whether it was."""
        return bool(self.value(select(func.pg_try_advisory_xact_lock(_lock(key)))))

    def is_locked(self, key: UUID) -> bool:
        """Whether a transaction holds the lock of what has this id; takes nothing itself."""
        # PostgreSQL shows a lock's number as its two unsigned halves.
        high, low = divmod(_lock(key) % 2**64, 2**32)
        return bool(self.value(_IS_LOCKED.bindparams(high=high, low=low)))


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(
        self, url: str, pool_size: int = 10, patience: float | None = None, longest: float | None = None
    ):
        """`patience`: seconds to wait for another writer of the same profile; `longest`: seconds that a
        statement may take. Both are without end by default."""
        # work_mem is of each sort of each connection. With PostgreSQL's 4 MB, those of a page that counts the
        # distinct donors and visitors of a year would go by the disk.
        options = (
            "-c timezone=UTC -c jit=off -c work_mem=32MB "
            f"-c lock_timeout={int((patience or 0) * 1000)} -c statement_timeout={int((longest or 0) * 1000)}"
        )
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5, "options": options},
            hide_parameters=True,  # an error that is logged names no visitor's address
        )
        self._known_partitions: set[tuple[str, int, int]] = set()
        self.by: str | None = None

    def acting(self, by: str) -> "Database":
        """The same database, with transactions in which somebody known `by` this name acts."""
        acted = copy(self)
        acted.by = by
        return acted

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commits at the end of the block, rolls back when it raises.

        Raises Unavailable when PostgreSQL is away, full, read-only, too slow or has no connection left:
        nothing was stored, unless it went away in the very moment of the commit. Raises Busy when another
        writer of the profile outlasts the patience.
        """
        with self.connection() as connection:
            yield Transaction(connection, self.by)

    @contextmanager
    def connection(self, reads: bool = False) -> Iterator[Connection]:
        """The same for what works on SQLAlchemy's connection itself (Alembic). `reads`: whoever writes by it
        all the same makes an error of ours."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except PoolTimeout as error:
            raise Unavailable(_NO_CONNECTION) from error
        # COPY speaks to the driver itself, whose errors come as they are.
        except (DBAPIError, DriverError) as error:
            trouble = _trouble(error, reads)
            if _has_no_partition(error):
                self._known_partitions.clear()
                trouble = Unavailable(_NO_PARTITION)
            _keep_values_out(error)
            if trouble:
                raise trouble from error
            raise

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A read-only transaction that sees one instant, however many statements it runs."""
        with self.connection(reads=True) as connection:
            tx = Transaction(connection)
            tx.run(text("set transaction isolation level repeatable read, read only"))
            yield tx

    def ping(self) -> None:
        """Raises Unavailable when PostgreSQL does not answer."""
        with self.transaction() as tx:
            tx.value(select(1))

    def ensure_partitions(self, moments: Sequence[datetime], table: str = "profile_events") -> None:
        """Makes the monthly partitions (UTC months) of `table` that hold `moments`, if they are missing."""
        assert table in PARTITIONED
        months = {moment.astimezone(UTC).replace(day=1) for moment in moments}
        missing = {(table, month.year, month.month) for month in months} - self._known_partitions
        if not missing:
            return
        with self.transaction() as tx:
            for name, year, month in sorted(missing):
                create_partition(tx, name, year, month)
        self._known_partitions |= missing

    def close(self) -> None:
        self.engine.dispose()


def create_partition(tx: Transaction, table: str, year: int, month: int) -> None:
    """Makes the partition of a month of UTC, if it is missing; whoever reads or writes `table` waits until
    the transaction ends."""
    tx.value(select(func.pg_advisory_xact_lock(_PARTITION_LOCK)))
    next_year, next_month = (year, month + 1) if month < 12 else (year + 1, 1)
    tx.run(
        text(
            f"create table if not exists {table}_{year:04}_{month:02} partition of {table} "
            f"for values from ('{year:04}-{month:02}-01 00:00+00') "
            f"to ('{next_year:04}-{next_month:02}-01 00:00+00')"
        )
    )


def _lock(key: UUID) -> int:
    return int.from_bytes(key.bytes[:4] + key.bytes[-4:], "big", signed=True)


def _keep_values_out(error: DBAPIError | DriverError) -> None:
    """What PostgreSQL says of an error quotes the row that it met; what is logged of it must not."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, DriverError) and (told := cause.diag.message_primary) is not None:
        is_of_data = (cause.sqlstate or "").startswith("22")
        cause.args = ("A value that the column can't hold." if is_of_data else told,)
        if isinstance(error, DBAPIError):
            error.args = (f"({type(cause).__name__}) {cause}",)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _jsonb(value: Any) -> Jsonb | None:
    """None is no value, not the JSON value null."""
    return None if value is None else Jsonb(value)


def _has_no_partition(error: DBAPIError | DriverError) -> bool:
    """Whether a row found no partition to lie in: one that was known to be there has been dropped since."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # A check of a column has a name.
    return isinstance(cause, CheckViolation) and cause.diag.constraint_name is None


def _trouble(error: DBAPIError | DriverError, reads: bool) -> AppError | None:
    """What is told of an error that lies with PostgreSQL; None for one of ours."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, LockNotAvailable | DeadlockDetected):
        return Busy(_BUSY, retry_after=30)
    if isinstance(cause, QueryCanceled):
        return Unavailable(_SLOW, retry_after=15)
    # The latter is also said of files, where the disk can only be read.
    if isinstance(cause, ReadOnlySqlTransaction | InsufficientPrivilege) and not reads:
        return Unavailable(_READ_ONLY, retry_after=30)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Unavailable(_AWAY)
    # A file that can't grow is an internal error to PostgreSQL where no disk is full.
    if isinstance(cause, DriverTrouble | InternalError_):
        if cause.sqlstate is not None:
            # Only PostgreSQL's own log says more; what it says here may quote what was to be stored.
            _log.warning("PostgreSQL can't do its work: %s (%s)", type(cause).__name__, cause.sqlstate)
        return Unavailable(_AWAY)
    return None


_AWAY = "The database is away; nothing was stored. Try again in a moment."
_NO_CONNECTION = "Too much is asked at once; nothing was stored. Try again in a moment."
_NO_PARTITION = "The tables were changed in the meantime; nothing was stored. Try again in a moment."
_SLOW = "The database takes too long to answer; nothing was stored. Try again in a moment."
_READ_ONLY = "The database can only be read just now; nothing was stored. Try again in a moment."
_BUSY = "Everything of this profile is being counted again; nothing was stored. Try again in a moment."
_PARTITION_LOCK = 0x70617274
_IS_LOCKED = text(
    "select exists (select from pg_locks join pg_database on pg_database.oid = pg_locks.database "
    "where locktype = 'advisory' and datname = current_database() and objsubid = 1 and granted "
    "and classid = cast(:high as bigint)::oid and objid = cast(:low as bigint)::oid)"
)
