"""Puts a backup into an installation: all of it, or nothing.

The tables are dropped, made as the archive's version had them, filled and brought to this version in one
transaction; keys take their place inside it, and go back when it fails.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psycopg
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import text

from models import migrate
from models.database import Database, Transaction
from models.errors import Conflict, InvalidInput, Unavailable
from models.schema import accounts, profiles
from models.stores import Stores
from services.backup import catalogue, queue
from services.backup.archive import Manifest, Reader
from services.backup.files import replaced
from services.domain_events import opened

_NAMED = 5
_PARTING = 3.0


@dataclass(frozen=True)
class Present:
    """What an installation holds already: the names of its profiles, how many accounts, and the names of
    its keys that an archive has otherwise."""

    profiles: tuple[str, ...]
    accounts: int
    keys: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.profiles or self.accounts or self.keys)

    def __str__(self) -> str:
        names = ", ".join(self.profiles[:_NAMED]) + (", …" if len(self.profiles) > _NAMED else "")
        parts = [
            f"{_many(len(self.profiles), 'profile')} ({names})" if self.profiles else "",
            _many(self.accounts, "account") if self.accounts else "",
            f"its keys ({', '.join(self.keys)})" if self.keys else "",
        ]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Restored:
    """What was restored: rows of all tables, `events` that wait to be counted, how long it took."""

    manifest: Manifest
    rows: int
    events: int
    seconds: float


def require_fit(reader: Reader) -> None:
    """Raises InvalidInput when this version can't take the archive."""
    manifest = reader.manifest
    if not migrate.is_known(manifest.schema_revision):
        raise InvalidInput(
            f"The backup was made by a newer version ({manifest.product}, with the schema "
            f"{manifest.schema_revision}); restore it with that version."
        )
    for member in manifest.members:
        path = PurePosixPath(member)
        if (
            path.is_absolute()
            or ".." in path.parts
            or not path.parts
            or path.parts[0] not in ("tables", "keys", "geoip", "redis")
        ):
            raise InvalidInput(f"The backup has a member that none has: {member}")


def require_alone(database: Database) -> None:
    """Raises Conflict while somebody else is connected to the database."""
    until = time.monotonic() + _PARTING
    # Who was told to stop, or has just asked whether the database answers, takes a moment to be gone.
    while (others := _others(database)) and time.monotonic() < until:
        time.sleep(0.1)
    if others:
        raise Conflict(
            f"The database is in use ({_many(others, 'other connection')}); stop the product, and what else "
            "is connected to it, first."
        )


def present(stores: Stores, reader: Reader) -> Present:
    """What a restore would replace. Raises CannotStart when the database is of a newer version."""
    migrate.status(stores.database)
    names: tuple[str, ...] = ()
    people = 0
    with stores.database.transaction() as tx:
        tables = catalogue.columns(tx)
        if profiles.name in tables:
            rows = tx.rows(select(profiles.c.name).order_by(profiles.c.profile_id))
            names = tuple(row["name"] for row in rows)
        if accounts.name in tables:
            people = tx.value(select(func.count()).select_from(accounts))
    kept = stores.keys.files()
    others = {name: b"".join(reader.pieces(f"keys/{name}")) for name in kept if f"keys/{name}" in reader}
    return Present(names, people, tuple(sorted(name for name in others if others[name] != kept[name])))


def restore(
    stores: Stores,
    data_dir: Path,
    reader: Reader,
    stream: str,
    own_redis: bool,
    say: Callable[[str], None] = lambda text: None,
) -> Restored:
    """Replaces everything by what is in the archive. `stream` is the name of that of domain events,
    `own_redis` says that Redis holds nothing but what is the product's; `say` is told each table. Raises
    InvalidInput, CannotStart and Unavailable: nothing was restored then, unless the sentence says so."""
    begun = time.monotonic()
    manifest = reader.manifest
    try:
        with stores.database.connection() as connection:
            tx = Transaction(connection)
            catalogue.drop(tx)
            migrate.lay(connection, manifest.schema_revision)
            _load(tx, reader, say)
            migrate.lay(connection)
            catalogue.analyze(tx, list(catalogue.columns(tx)))
            with (
                replaced(data_dir / "geoip", reader, reader.under("geoip")),
                replaced(stores.keys.folder, reader, reader.under("keys")),
            ):
                connection.commit()
    except (psycopg.Error, DBAPIError) as error:
        raise InvalidInput(f"The database refused it: {_reason(error)}; nothing was restored.") from error
    events = _load_queue(stores, reader, stream, own_redis)
    rows = sum(table.rows for table in manifest.tables.values())
    return Restored(manifest, rows, events, time.monotonic() - begun)


def _many(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _others(database: Database) -> int:
    with database.transaction() as tx:
        return catalogue.others(tx)


def _load(tx: Transaction, reader: Reader, say: Callable[[str], None]) -> None:
    tx.run(text("set local client_encoding = 'UTF8'"))
    tx.run(text("set local datestyle = 'ISO'"))
    there = catalogue.columns(tx)
    for name, table in reader.manifest.tables.items():
        # The names come from whoever made the file; what there is decides which become statements.
        if name not in there or not set(table.columns) <= set(there[name]):
            raise InvalidInput(f"The backup's table {name} is not that of its schema; nothing was restored.")
    # Migrations may fill in rows of their own, which the archive has as well.
    catalogue.empty(tx, list(there))
    catalogue.make_partitions(tx, {name: table.partitions for name, table in reader.manifest.tables.items()})
    for name in there:
        if name in reader.manifest.tables:
            say(name)
            tx.copy_in(name, reader.manifest.tables[name].columns, reader.pieces(f"tables/{name}"))


def _load_queue(stores: Stores, reader: Reader, stream: str, own_redis: bool) -> int:
    try:
        with opened(stores, stream) as events:
            if own_redis:
                queue.clear(events)
            return queue.load(events, reader) if reader.manifest.redis else 0
    except RedisError as error:
        raise Unavailable(
            "Tables and keys were restored; Redis is away, so that the events that waited were not. "
            "Restore again with --replace."
        ) from error


def _reason(error: Exception) -> str:
    """What the database says, on one line; its details may quote a row."""
    diagnosed = getattr(getattr(error, "orig", error), "diag", None)
    said = getattr(diagnosed, "message_primary", None) or type(error).__name__
    return str(said)
