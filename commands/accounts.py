"""manage.py accounts: who signs in."""

import sys
from uuid import UUID

import click

from commands.answers import as_json, show
from commands.stores import opened
from models.clock import now
from services import accounts as service
from services import second_factor

from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")


@click.group()
def accounts() -> None:
    """People who sign in."""


@accounts.command()
@click.argument("email")
@from_stdin
@as_json
def add(email: str, password_stdin: bool, as_json: bool) -> None:
    """Make an account; prints its id."""
    service.check_email(email)
    password = _password(password_stdin)
    with opened() as stores, stores.database.transaction() as tx:
        account = service.add(tx, email, password, now())
    show({"id": account.account_id, "email": account.email}, as_json, str(account.account_id))


@accounts.command()
@click.argument("email")
@from_stdin
def passwd(email: str, password_stdin: bool) -> None:
    """Change a password; signs the account out everywhere."""
    password = _password(password_stdin)
    with opened() as stores, stores.database.transaction() as tx:
        service.set_password(tx, service.find(tx, email).account_id, password)


@accounts.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Turn the second step of an account off; signs it out everywhere."""
    with opened() as stores, stores.database.transaction() as tx:
        second_factor.reset(tx, service.find(tx, email).account_id)


@accounts.command()
@click.argument("email")
@click.argument("profile", type=click.UUID)
@click.argument("role", type=click.Choice(service.ROLES))
def grant(email: str, profile: UUID, role: str) -> None:
    """Let an account see a profile (viewer) or keep it (owner)."""
    with opened() as stores, stores.database.transaction() as tx:
        service.grant(tx, service.find(tx, email).account_id, profile, role, now())


@accounts.command()
@click.argument("email")
@click.argument("switch", type=click.Choice(["on", "off"]))
def operator(email: str, switch: str) -> None:
    """Let an account see how the installation does, or no more."""
    with opened() as stores, stores.database.transaction() as tx:
        service.make_operator(tx, service.find(tx, email).account_id, switch == "on")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask at; give the password with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
