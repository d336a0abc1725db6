"""manage.py verify and rebuild: whether the rollups are the exact sum of the raw rows."""

from uuid import UUID

import click

from commands.answers import as_json, show
from commands.stores import note, opened
from models.database import Database
from services import profiles, rollups
from services.profiles import Profile

one_profile = click.option("--profile", type=click.UUID, help="One profile; all of them when left out.")


@click.command()
@one_profile
@as_json
@click.pass_context
def verify(context: click.Context, profile: UUID | None, as_json: bool) -> None:
    """Recount every rollup and name each difference (exit 1 when there is one)."""
    found: list[dict[str, str]] = []
    with opened() as stores:
        chosen = _chosen(stores.database, profile)
        for each in chosen:
            for difference in rollups.verify(stores.database, each.profile_id):
                found.append({"profile": str(each.profile_id), "difference": str(difference)})
    text = "\n".join(f"{each['profile']}  {each['difference']}" for each in found)
    summary = f"{len(chosen)} profiles verified: every rollup is the sum of its raw rows or as it was closed."
    show({"profiles": len(chosen), "differences": found}, as_json, text or summary)
    context.exit(1 if found else 0)


@click.command()
@one_profile
@as_json
def rebuild(profile: UUID | None, as_json: bool) -> None:
    """Count the rollups again from the raw rows."""
    with opened() as stores:
        chosen = _chosen(stores.database, profile)
        for each in chosen:
            note(f"{each.profile_id}  {each.name}")
            rollups.rebuild(stores.database, each.profile_id)
    show({"profiles": len(chosen)}, as_json, f"{len(chosen)} profiles rebuilt")


def _chosen(database: Database, profile_id: UUID | None) -> list[Profile]:
    if profile_id is None:
        return profiles.every(database)
    return [profiles.find(database, profile_id)]
