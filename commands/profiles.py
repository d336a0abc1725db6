"""manage.py profiles: whose figures there are."""

import os
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click

from commands.answers import as_json, show, show_rows
from commands.progress import progress
from commands.stores import note, opened
from config import load
from models import private
from models.clock import now
from models.errors import Conflict, Unavailable
from services import accounts, audit, jobs
from services import profiles as service
from services.audit import COMMAND_LINE
from services.profiles import Profile
from services.rights import archive, deletion, holdings


@click.group()
def profiles() -> None:
    """Profiles and their owners."""


@profiles.command()
@click.argument("name")
@click.option("--owner", required=True, metavar="EMAIL", help="The account it belongs to.")
@click.option("--timezone", required=True, help="An IANA zone such as Europe/Berlin; days are kept in it.")
@click.option("--currency", required=True, help="An ISO 4217 code such as EUR; sums are kept in it.")
@click.option("--id", "profile_id", type=click.UUID, help="An id of your own.")
@click.option("--hosts", default="", help="The profile's own hosts: a.example,b.example")
@as_json
def add(
    name: str, owner: str, timezone: str, currency: str, profile_id: UUID | None, hosts: str, as_json: bool
) -> None:
    """Make a profile; prints its id."""
    with opened() as stores, stores.database.transaction() as tx:
        account = accounts.find(tx, owner)
        profile = service.add(
            tx,
            name=name,
            time_zone=timezone,
            currency=currency,
            own_hosts=_hosts(hosts),
            profile_id=profile_id,
            at=now(),
        )
        accounts.grant(tx, account.account_id, profile.profile_id, "owner", now())
    show(_fields(profile), as_json, str(profile.profile_id))


@profiles.command("list")
@as_json
def listing(as_json: bool) -> None:
    """List the profiles."""
    with opened() as stores:
        show_rows([_fields(profile) for profile in service.every(stores.database)], as_json)


@profiles.command()
@click.argument("profile_id", type=click.UUID, metavar="ID")
@click.option("--name", help="Another name.")
@click.option("--timezone", help="Another zone; everything is counted again in its days.")
@click.option("--currency", help="Another currency; every amount is converted to it again.")
@click.option("--hosts", help="The profile's own hosts: a.example,b.example")
@as_json
def edit(
    profile_id: UUID,
    name: str | None,
    timezone: str | None,
    currency: str | None,
    hosts: str | None,
    as_json: bool,
) -> None:
    """Change a profile; another zone or currency counts everything again."""
    with opened() as stores:
        change = jobs.edit(
            stores,
            profile_id,
            asked_by=COMMAND_LINE,
            at=now(),
            name=name,
            own_hosts=None if hosts is None else _hosts(hosts),
            time_zone=timezone,
            currency=currency,
        )
        if change is not None:
            with progress("Counting again") as report:
                ended = jobs.here(stores, change, report)
            if ended.status != "done":
                raise Conflict(ended.problem or "The change was cancelled; nothing was changed.")
        profile = service.find(stores.database, profile_id)
    show(_fields(profile), as_json)


@profiles.command()
@click.argument("profile_id", type=click.UUID, metavar="ID")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def export(profile_id: UUID, file: Path, as_json: bool) -> None:
    """Write everything that a profile has to FILE, a ZIP archive."""
    with opened() as stores, progress("Exporting") as report:
        service.find(stores.database, profile_id)
        try:
            with os.fdopen(private.create(file, os.O_RDWR | os.O_TRUNC), "wb") as into:
                files = archive.write(stores, profile_id, into, now(), report)
            with stores.database.transaction() as tx:
                audit.note(tx, profile_id, "exported", None, "everything", {"format": "ZIP"})
        except OSError as error:
            raise Unavailable(f"{file} can't be written: {error.strerror}.") from error
    show([asdict(each) for each in files], as_json, f"{file}: {sum(each.rows for each in files)} rows")


@profiles.command()
def columns() -> None:
    """Describe the files of an export and their columns."""
    click.echo("\n".join(holdings.described()))


@profiles.command()
@click.argument("profile_id", type=click.UUID, metavar="ID")
@click.option("--yes", is_flag=True, help="Don't ask for the name.")
def delete(profile_id: UUID, yes: bool) -> None:
    """Delete a profile and all that it has, for good; asks for its name."""
    with opened() as stores:
        profile = service.find(stores.database, profile_id)
        with stores.database.snapshot() as tx:
            held = holdings.counts(tx, profile_id)
        note(f"{profile.name} has {sum(held.values())} rows. All of it goes, and nothing brings it back.")
        name = profile.name if yes else click.prompt("Type its name to delete it", err=True)
        deletion.ask(stores, profile_id, name, now())
        deletion.carry_out(stores, now(), load().event_stream, only=profile_id)
    show({"deleted": str(profile_id)}, False)


def _hosts(listed: str) -> list[str]:
    return [host for host in listed.split(",") if host.strip()]


def _fields(profile: Profile) -> dict[str, object]:
    return {
        "id": str(profile.profile_id),
        "name": profile.name,
        "timezone": profile.time_zone,
        "currency": profile.currency,
        "hosts": list(profile.own_hosts),
        "publicKey": profile.public_key,
        "demo": profile.is_demo,
    }
