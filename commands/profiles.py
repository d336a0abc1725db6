"""manage.py profiles: whose figures there are."""

from uuid import UUID

import click

from commands.answers import as_json, show, show_rows
from commands.progress import progress
from commands.stores import opened
from models.clock import now
from models.errors import Conflict
from services import accounts, jobs
from services import profiles as service
from services.audit import COMMAND_LINE
from services.profiles import Profile


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
