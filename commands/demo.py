"""manage.py demo: invented providers to look around with."""

import click

from commands.answers import as_json, show
from commands.stores import note, opened
from models.clock import now
from services import demo as service


@click.command()
@click.option(
    "--days",
    type=click.IntRange(1, service.THIRTEEN_MONTHS),
    default=service.THIRTEEN_MONTHS,
    help="Only the last so many days.",
)
@as_json
def demo(days: int, as_json: bool) -> None:
    """Add the demo to this installation; prints the e-mail and the password to sign in with."""
    with opened() as stores:
        made = service.seed(stores, now(), note, days)
    answer = {
        "email": made.email,
        "password": made.password,
        "profiles": [{"id": str(profile.profile_id), "name": profile.name} for profile in made.profiles],
    }
    show(answer, as_json, f"{made.email}\n{made.password}")
