"""Who visits, without keeping who: a keyed hash that ends with its key."""

import hashlib
import hmac
from ipaddress import ip_address
from uuid import UUID

_LENGTH = 16


def visitor_key(
    key: bytes, profile_id: UUID, visitor_id: str | None, ip: str | None, agent: str | None
) -> bytes:
    """16 bytes that are the same for the same visitor of one profile under one quarter's `key`.

    A visitor is the platform's `visitor_id` where there is one, else the pair of address and user
    agent. The profile is part of it, so that nobody can be followed from one profile to another.
    """
    who = f"id\x1f{visitor_id}" if visitor_id else f"address\x1f{ip or ''}\x1f{agent or ''}"
    return hmac.new(key, f"{profile_id}\x1f{who}".encode(), hashlib.sha256).digest()[:_LENGTH]


def address_hash(key: bytes, profile_id: UUID, ip: str) -> bytes:
    """16 bytes that are the same for the same address at one profile under one quarter's `key`, and say
    nothing to whoever has not got the key. `ip` may be written in any form."""
    return hmac.new(key, f"{profile_id}\x1fonly\x1f{ip_address(ip)}".encode(), hashlib.sha256).digest()[
        :_LENGTH
    ]
