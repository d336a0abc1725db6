"""manage.py audit: who did what with a profile, and whether the trail is as it was written."""

from uuid import UUID

import click

from commands.answers import as_json, show_rows
from commands.rollups import one_profile
from commands.stores import opened
from services import audit as service
from services import profiles


@click.group()
def audit() -> None:
    """Who did what with a profile."""


@audit.command("list")
@click.argument("profile_id", type=click.UUID, metavar="PROFILE")
@click.option("--last", type=click.IntRange(min=1), default=50, show_default=True, help="So many.")
@as_json
def listing(profile_id: UUID, last: int, as_json: bool) -> None:
    """List what was done, the newest first."""
    with opened() as stores, stores.database.transaction() as tx:
        found = service.listing(tx, profile_id, limit=last)
    rows = [
        {
            "number": each.number,
            "at": each.at.isoformat(timespec="seconds"),
            "actor": each.actor,
            "action": each.action,
            "sentence": each.sentence,
        }
        for each in found
    ]
    show_rows(rows, as_json)


@audit.command()
@one_profile
@as_json
@click.pass_context
def verify(context: click.Context, profile: UUID | None, as_json: bool) -> None:
    """Compute every hash again and name what is not as it was written (exit 1 when there is something).

    Note the newest hashes elsewhere: entries that are missing at the end show in them alone.
    """
    rows, problems = [], 0
    with opened() as stores:
        every = [profiles.find(stores.database, profile)] if profile else profiles.every(stores.database)
        for each in every:
            with stores.database.snapshot() as tx:
                found = service.verify(tx, each.profile_id)
            problems += found.problem is not None
            told = {"profile": str(each.profile_id), "entries": found.entries, "newest": found.head}
            rows.append({**told, "problem": found.problem or ""})
    show_rows(rows, as_json)
    context.exit(1 if problems else 0)
