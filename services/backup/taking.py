"""Takes a backup while the product runs.

The order makes it consistent. First what waits in Redis: what is counted while the backup goes on is then
in both and counts once. Then one snapshot of the database. Keys are read before it and after it: one
that a row of the snapshot was made with is there before the row, and one that is destroyed in between
was still there at the first look.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import IO

from redis.exceptions import RedisError
from sqlalchemy.sql import text

from models import migrate
from models.database import Transaction
from models.errors import Busy, CannotStart, Unavailable
from models.stores import Stores
from services.backup import catalogue, queue
from services.backup.archive import FORMAT, Manifest, Table, Writer
from services.domain_events import opened

_PATIENCE = 60
"""Seconds to wait for a migration before nothing is taken."""
_PIECE = 1 << 20


@dataclass(frozen=True)
class Taken:
    """What was backed up: `bytes` is the archive's size, `seconds` how long it took."""

    manifest: Manifest
    bytes: int
    seconds: float

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.manifest.tables.values())


def take(
    stores: Stores,
    data_dir: Path,
    file: IO[bytes],
    stream: str | None,
    say: Callable[[str], None] = lambda text: None,
) -> Taken:
    """Writes an archive of everything that can't be made again. `stream` is the name of that of domain events
    in a Redis that is the product's own, None where Redis is somebody else's to back up. `say` is told each
    table. Raises CannotStart when there is nothing yet or a file can't be read or written, Unavailable when
    a store is away."""
    begun = time.monotonic()
    writer = Writer(file)
    try:
        keys = stores.keys.files()
        if stream is not None:
            with opened(stores, stream) as events:
                queue.write(events, writer)
        manifest = _tables(stores, writer, stream is not None, say)
        for name, content in {**keys, **stores.keys.files()}.items():
            writer.add(f"keys/{name}", [content])
        for name, path in _databases(data_dir):
            writer.add(name, _content(path))
        whole = writer.finish(manifest)
        file.flush()
    except BaseException as error:
        writer.abandon()
        if isinstance(error, RedisError):
            raise Unavailable("Redis is away, where events may wait; nothing was backed up.") from error
        if isinstance(error, OSError):
            raise CannotStart(f"The backup can't be written: {error.strerror or error}.") from error
        raise
    return Taken(whole, writer.size, time.monotonic() - begun)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, readable by its owner only, that takes the place of `path` once it is whole and on
    the disk; one that could not be finished leaves nothing. Raises CannotStart, also for what is there and is
    no file: a device or a pipe would be gone."""
    if path.exists() and not path.is_file():
        raise CannotStart(f"{path} is no file; give the name of one, or - for stdout.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _settle(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise CannotStart(f"The backup can't be written to {path}: {error.strerror or error}.") from error


def _tables(stores: Stores, writer: Writer, redis: bool, say: Callable[[str], None]) -> Manifest:
    current = migrate.status(stores.database).current
    if current is None:
        raise CannotStart("There is nothing to back up yet: the database has no tables.")
    try:
        with stores.database.snapshot() as tx:
            return _snapshot(tx, stores, writer, redis, say)
    except Busy:
        raise Busy("The schema is being changed; nothing was backed up. Try again in a moment.", 60) from None


def _snapshot(
    tx: Transaction, stores: Stores, writer: Writer, redis: bool, say: Callable[[str], None]
) -> Manifest:
    tx.run(text(f"set local lock_timeout = '{_PATIENCE}s'"))
    tx.take_time()
    tx.run(text("set local client_encoding = 'UTF8'"))
    tx.run(text("set local datestyle = 'ISO'"))
    with stores.database.transaction() as other:
        present = catalogue.columns(other)
    catalogue.hold(tx, [catalogue.REVISIONS, *present])
    taken_at = tx.value(text("select statement_timestamp()"))
    columns = catalogue.columns(tx)
    months = catalogue.months(tx, list(columns))
    tables = {}
    for name, kept in columns.items():
        say(name)
        lines = _Lines(tx.copy_out(name, kept))
        writer.add(f"tables/{name}", lines)
        tables[name] = Table(columns=kept, rows=lines.many, partitions=months.get(name, []))
    return Manifest(
        format=FORMAT,
        schema_revision=catalogue.revision(tx),
        taken_at=taken_at.astimezone(UTC),
        tables=tables,
        keys_given=sorted(stores.keys.given),
        redis=redis,
    )


class _Lines:
    """Counts the rows that go by: a line each, as a line's end inside a value is written otherwise."""

    def __init__(self, pieces: Iterator[bytes]):
        self._pieces = pieces
        self.many = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.many += piece.count(b"\n")
            yield piece


def _databases(data_dir: Path) -> list[tuple[str, Path]]:
    """The databases of networks that the operator fetched, and their licences."""
    folder = data_dir / "geoip"
    kept = sorted(path for pattern in ("*.mmdb", "licences-*/*") for path in folder.glob(pattern))
    return [(f"geoip/{path.relative_to(folder).as_posix()}", path) for path in kept if path.is_file()]


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _settle(folder: Path) -> None:
    """The new name is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
