"""manage.py migrate: the schema of the database."""

import click

import installation
from commands.answers import as_json, show
from commands.stores import configured, prepare


@click.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database's schema to this version."""
    with configured() as config:
        stores = installation.opened(config)
        try:
            applied = prepare(stores.database)
        finally:
            stores.close()
    show({"applied": list(applied)}, as_json, "\n".join(applied) or "The schema is up to date.")
