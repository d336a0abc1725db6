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
    with opened() as stores:
        many, found = differences(stores.database, profile)
    text = "\n".join(f"{each['profile']}  {each['difference']}" for each in found)
    summary = f"{many} profiles verified: every rollup is the sum of its raw rows or as it was closed."
    show({"profiles": many, "differences": found}, as_json, text or summary)
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


def differences(database: Database, profile: UUID | None = None) -> tuple[int, list[dict[str, str]]]:
    """How many profiles were verified (one, or all), and each difference with the profile that has it."""
    chosen = _chosen(database, profile)
    found = [
        {"profile": str(each.profile_id), "difference": str(difference)}
        for each in chosen
        for difference in rollups.verify(database, each.profile_id)
    ]
    return len(chosen), found


def _chosen(database: Database, profile_id: UUID | None) -> list[Profile]:
    if profile_id is None:
        return profiles.every(database)
    return [profiles.find(database, profile_id)]
