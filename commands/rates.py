"""manage.py rates: exchange rates beyond those that are shipped."""

from pathlib import Path

import click

from commands.answers import as_json, show, show_rows
from commands.stores import note, opened
from models.clock import now
from services import costs, profiles
from services import rates as service
from services.ingest import revision


@click.group()
def rates() -> None:
    """Exchange rates."""


@rates.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def import_(file: Path, as_json: bool) -> None:
    """Add rates from a CSV with the columns date, currency, rate (units for one euro)."""
    with opened() as stores:
        added = service.import_file(stores.database, file)
        converted = 0
        for profile in profiles.every(stores.database):
            with stores.database.transaction() as tx:
                converted += revision.convert(tx, profile, now()) + costs.convert(tx, profile, now())
    if converted:
        note(f"{converted} amounts that had no rate are converted now.")
    show({"rates": added, "converted": converted}, as_json, f"{added} rates")


@rates.command()
@as_json
def status(as_json: bool) -> None:
    """Tell which rates there are, and how old they are."""
    with opened() as stores:
        show_rows(service.status(stores.database), as_json)
