"""Identifiers: made by the caller or here, never by the database."""

import uuid

from uuid_utils.compat import uuid7

_NAMESPACE = uuid.UUID("6f0c7a52-3c55-5a0e-9c39-1d6f4f1e8a10")


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): unique and rising with time, so that indexes stay compact."""
    return uuid7()


def derived_id(*parts: str) -> uuid.UUID:
    """The same UUIDv5 for the same `parts`: what makes a repeated import meet its own rows."""
    return uuid.uuid5(_NAMESPACE, "\x1f".join(parts))
