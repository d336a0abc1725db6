"""The stores that a command works on: those of the running product, or started for as long as it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

import installation
from config import Config, load
from models import migrate
from models.database import Database
from models.embedded import engines
from models.errors import CannotStart
from models.stores import Stores
from services import rates
from services.audit import COMMAND_LINE
from services.imports import ledger


@contextmanager
def opened() -> Iterator[Stores]:
    """The stores, with the schema of this version. Raises CannotStart and Unavailable."""
    with configured() as config:
        stores = installation.opened(config)
        try:
            _require_schema(stores.database)
            yield stores.acting(COMMAND_LINE)
        finally:
            stores.close()


@contextmanager
def configured() -> Iterator[Config]:
    """The settings with both urls; engines are attached to, or started, where none is configured."""
    config = load()
    with engines(
        config.data_dir,
        postgres=config.embedded_postgres,
        redis=config.embedded_redis,
        purpose=f"manage.py {click.get_current_context().info_name}",
        say=note,
    ) as endpoints:
        yield replace(
            config,
            database_url=endpoints.database_url or config.database_url,
            redis_url=endpoints.redis_url or config.redis_url,
        )


def prepare(database: Database) -> tuple[str, ...]:
    """Brings the schema and the shipped exchange rates to this version, and takes back what broken-off
    imports left; returns the migrations that were applied."""
    applied = migrate.migrate(database, note)
    rates.load_shipped(database)
    ledger.mend(database)
    return applied


def note(text: str) -> None:
    """A remark beside the answer: on stderr, so that stdout holds the answer alone."""
    click.echo(text, err=True)


def _require_schema(database: Database) -> None:
    """A new database gets its tables; one in use is changed by `manage.py migrate` alone."""
    status = migrate.status(database)
    if status.current is None:
        prepare(database)
    elif status.pending:
        raise CannotStart("The database has the schema of an older version; run first: manage.py migrate")
