"""Where a request comes from, for the events that are the request's own."""

from flask import request

from services.ingest.inputs import checked_address


def described() -> dict[str, str | None]:
    """`ip` and `user_agent` of this request, None where it tells none."""
    return {"ip": _address(), "user_agent": request.user_agent.string[:2000] or None}


def _address() -> str | None:
    """Where the request comes from. Proxies may add a port, or a word where they know no address."""
    given = request.remote_addr or ""
    bare = given[1:].partition("]")[0] if given.startswith("[") else given
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return checked_address(bare)
    except ValueError:
        return None
