"""manage.py migrate and status: the schema of the database."""

import click

from commands.answers import as_json, show
from commands.stores import configured, prepare, stores_of
from models import migrate as service


@click.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database's schema to this version."""
    with configured() as config:
        stores = stores_of(config)
        try:
            applied = prepare(stores.database)
        finally:
            stores.close()
    show({"applied": list(applied)}, as_json, "\n".join(applied) or "The schema is up to date.")


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Tell where the schema stands."""
    with configured() as config:
        stores = stores_of(config)
        try:
            found = service.status(stores.database)
        finally:
            stores.close()
    answer = {"current": found.current, "newest": found.newest, "pending": list(found.pending)}
    show(answer, as_json)
