"""Brings the database's schema to this version (Alembic), and tells where it stands."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from models.database import Database
from models.errors import CannotStart

_FOLDER = Path(__file__).parent.parent / "migrations"
_LOCK = 0x6D696772


@dataclass(frozen=True)
class SchemaStatus:
    """The revision in the database (None: empty), the newest one here, and what lies between."""

    current: str | None
    newest: str
    pending: tuple[str, ...]


def status(database: Database) -> SchemaStatus:
    """Where the schema stands. Raises CannotStart when the database is newer than this version."""
    script = ScriptDirectory.from_config(_config())
    with database.connection() as connection:
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


def migrate(database: Database) -> tuple[str, ...]:
    """Applies what is pending, one process at a time; returns the revisions that were applied."""
    with database.connection() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        before = status(database)
        if before.pending:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before.pending


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
