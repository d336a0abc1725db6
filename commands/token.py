"""manage.py token: lets a machine in."""

from uuid import UUID

import click

from commands.answers import as_json, show
from commands.stores import opened
from models.clock import now
from services import audit, profiles, tokens


@click.group(invoke_without_command=True)
@click.option("--profile", "wanted", multiple=True, help='The id of a profile, or "*" for every one.')
@click.option("--scope", "scopes", multiple=True, help="read costs:write events:write admin")
@click.option("--days", default=30, show_default=True, help="How long it holds.")
@click.option("--subject", default="manage.py", show_default=True, help="Who it is for.")
@click.pass_context
def token(
    context: click.Context, wanted: tuple[str, ...], scopes: tuple[str, ...], days: int, subject: str
) -> None:
    """Print a token (JWT) for a platform service or a script."""
    if context.invoked_subcommand is not None:
        return
    for given, parameter in ((wanted, "--profile"), (scopes, "--scope")):
        if not given:
            raise click.MissingParameter(param_hint=parameter, param_type="option")
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
            found = ids or [each.profile_id for each in profiles.every(stores.database)]
            audit.note_all(tx, found, "token-made", now(), subject, told)
    click.echo(minted)


@token.command()
@click.argument("token", metavar="TOKEN|JTI")
@as_json
def revoke(token: str, as_json: bool) -> None:
    """End a token for good, by itself or by its id (the claim jti); prints the id."""
    with opened() as stores:
        ended = tokens.revoke_any(stores, token, now())
    told = {"jti": ended.jti, "expiresAt": ended.expires_at, "subject": ended.subject}
    show(told, as_json, ended.jti)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a profile's id.", param_hint="--profile") from None
