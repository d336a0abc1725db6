"""How much one caller may ask: requests and events apart, by token or account, else by address."""

from flask import current_app, g

from config import Config
from services import limits
from session import origin, stores


def count_request() -> None:
    """Counts this request. Raises TooManyRequests."""
    limits.count(stores(), "requests", _who(), _config().requests_per_minute)


def count_events(number: int) -> None:
    """Counts the events of this request. Raises TooManyRequests."""
    limits.count(stores(), "events", _who(), _config().events_per_minute, cost=number)


def _who() -> str:
    known = g.get("caller")
    return known.limited_as if known else f"address {origin()}"


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config
