"""Where a request comes from, for the events that are the request's own."""

from flask import request

from services.ingest.inputs import checked_address
from session import remote_address


def described() -> dict[str, str | None]:
    """`ip` and `user_agent` of this request, None where it tells none."""
    return {"ip": _address(), "user_agent": request.user_agent.string[:2000] or None}


def _address() -> str | None:
    """Where the request comes from. Proxies may say a word where they know no address."""
    try:
        return checked_address(remote_address())
    except ValueError:
        return None
