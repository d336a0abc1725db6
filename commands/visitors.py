"""manage.py visitors: people who want to be gone from a profile."""

from dataclasses import asdict
from uuid import UUID

import click

from commands.answers import as_json, show
from commands.stores import opened
from config import load
from models.clock import now
from services.rights import visitor


@click.group()
def visitors() -> None:
    """Visitors who want to be gone."""


@visitors.command()
@click.option("--profile", "profile_id", type=click.UUID, required=True, metavar="ID", help="The profile.")
@click.option("--visitor-id", help="The platform's id of the visitor.")
@click.option("--ip", help="The visitor's address; with --user-agent, unless none was sent.")
@click.option("--user-agent", help="The browser, exactly as it names itself.")
@click.option("--payer", help="The donorId, clientId or subscriberId of somebody who paid.")
@click.option("--dry-run", is_flag=True, help="Tell what there is, and delete nothing.")
@as_json
def delete(
    profile_id: UUID,
    visitor_id: str | None,
    ip: str | None,
    user_agent: str | None,
    payer: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Delete all visits of one person; payments stay, without who paid."""
    who = visitor.Person.of(visitor_id, ip, user_agent, payer)
    with opened() as stores:
        if dry_run:
            found = visitor.look(stores, profile_id, who)
        else:
            found = visitor.forget(stores, profile_id, who, now(), load().event_stream)
    show({"deleted": not dry_run, **asdict(found)}, as_json)
