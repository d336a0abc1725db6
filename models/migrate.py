"""Brings the database's schema to this version (Alembic), and tells where it stands."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import text

from models.database import Database
from models.errors import Busy, CannotStart

_FOLDER = Path(__file__).parent.parent / "migrations"
_LOCK = 0x6D696772
LOCK_MILLISECONDS = 2_000
"""For which a change waits for a table, and all others for the change."""
PAUSE = 3.0
"""Seconds in which those who waited are let by."""
PATIENCE = 300.0


@dataclass(frozen=True)
class SchemaStatus:
    """The revision in the database (None: empty), the newest one here, and what lies between."""

    current: str | None
    newest: str
    pending: tuple[str, ...]


def status(database: Database) -> SchemaStatus:
    """Where the schema stands. Raises CannotStart when the database is newer than this version."""
    with database.connection() as connection:
        return _status(connection)


def migrate(
    database: Database, say: Callable[[str], None] = lambda text: None, patience: float = PATIENCE
) -> tuple[str, ...]:
    """Applies what is pending, one process at a time and a revision at a time, while the version before may
    go on working; returns the revisions that were applied.

    A change of a table waits two seconds at most for those who use it, as all others would queue behind it;
    then it lets them by and tries again, for `patience` seconds in a row. Raises Busy after that: what was
    applied stays, and the revision that had to wait changed nothing.
    """
    applied: list[str] = []
    until = time.monotonic() + patience
    while True:
        try:
            revision = _next(database)
        except Busy as error:
            if time.monotonic() > until:
                raise Busy(
                    "The schema can't be changed: a table is in use all the time (by a backup, or a long "
                    "report). Nothing that waited was changed; run it again later.",
                    retry_after=60,
                ) from error
            say("A table is in use; the schema is changed when it is free.")
            time.sleep(PAUSE)
            continue
        if revision is None:
            return tuple(applied)
        applied.append(revision)
        until = time.monotonic() + patience


def _next(database: Database) -> str | None:
    """Applies the oldest pending revision and returns it, None when there is none. Raises Busy."""
    with database.connection() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        pending = _status(connection).pending
        if not pending:
            return None
        connection.execute(text(f"set local lock_timeout = {LOCK_MILLISECONDS}"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, pending[0])
        return pending[0]


def _status(connection: Connection) -> SchemaStatus:
    script = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    newest = script.get_current_head() or ""
    known = [revision.revision for revision in script.walk_revisions()]
    if current is not None and current not in known:
        raise CannotStart(
            f"The database was made by a newer version (its schema is {current}). "
            "Start that version, or restore a backup made with this one."
        )
    pending = known[: known.index(current)] if current else known
    return SchemaStatus(current, newest, tuple(reversed(pending)))


def is_known(revision: str) -> bool:
    """Whether this version has such a revision of the schema."""
    script = ScriptDirectory.from_config(_config())
    return revision in [each.revision for each in script.walk_revisions()]


def lay(connection: Connection, revision: str = "head") -> None:
    """Brings the schema to this revision inside the connection's transaction, whatever is locked for it:
    for a database that nobody else uses. Other processes that would migrate wait for the transaction."""
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    return config
