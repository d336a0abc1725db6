"""manage.py token: lets a machine in."""

from uuid import UUID

import click

from commands.stores import opened
from models.clock import now
from services import audit, profiles, tokens


@click.command()
@click.option(
    "--profile", "wanted", multiple=True, required=True, help='The id of a profile, or "*" for every one.'
)
@click.option("--scope", "scopes", multiple=True, required=True, help="read costs:write events:write admin")
@click.option("--days", default=30, show_default=True, help="How long it holds.")
@click.option("--subject", default="manage.py", show_default=True, help="Who it is for.")
def token(wanted: tuple[str, ...], scopes: tuple[str, ...], days: int, subject: str) -> None:
    """Print a token (JWT) for a platform service or a script."""
    ids = None if "*" in wanted else [_uuid(each) for each in wanted]
    named = [scope for given in scopes for scope in given.replace(",", " ").split()]
    with opened() as stores:
        for profile_id in ids or ():
            profiles.find(stores.database, profile_id)
        minted = tokens.mint(
            stores.keys.jwt, subject=subject, profiles=ids, scopes=named, now=now(), days=days
        )
        told = {"scope": " ".join(named), "days": days, "every profile": True if ids is None else None}
        with stores.database.transaction() as tx:
            for profile_id in ids or [each.profile_id for each in profiles.every(stores.database)]:
                audit.note(tx, profile_id, "token-made", None, subject, told)
    click.echo(minted)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a profile's id.", param_hint="--profile") from None
