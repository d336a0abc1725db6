"""manage.py status: how the installation does."""

from typing import Any

import click
from redis.exceptions import RedisError

import installation
from commands.answers import as_json, show
from commands.stores import configured
from models import migrate
from models.clock import now
from models.stores import Stores
from services.domain_events.figures import figures


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Tell where the schema stands, and how domain events come in."""
    with configured() as config:
        stores = installation.opened(config)
        try:
            schema = migrate.status(stores.database)
            told = _domain_events(stores, config.event_stream)
        finally:
            stores.close()
    answer = {"current": schema.current, "newest": schema.newest, "pending": list(schema.pending)}
    lines = [f"{name}: {value}" for name, value in answer.items()]
    lines += [f"domain events, {name}: {value}" for name, value in (told or {"redis": "away"}).items()]
    show({**answer, "domainEvents": told}, as_json, "\n".join(lines))


def _domain_events(stores: Stores, stream: str) -> dict[str, Any] | None:
    """None while Redis is away."""
    try:
        found = figures(stores, now(), stream)
    except RedisError:
        return None
    return {
        "stream": stream,
        "workers": found.workers,
        "lag": found.lag,
        "pending": found.pending,
        "perMinute": found.per_minute,
        "consumed": sum(found.consumed.values()),
        "repeated": found.repeated,
        "dead": found.dead,
    }
