"""Machine tokens: JWT signed with the installation's key (HS256)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import jwt

from models.errors import InvalidInput, Unauthenticated
from services.access import SCOPES, Caller

_ALGORITHM = "HS256"
LONGEST = timedelta(days=3650)


def mint(
    key: str,
    *,
    subject: str,
    profiles: Sequence[UUID] | None,
    scopes: Sequence[str],
    now: datetime,
    days: int,
) -> str:
    """A token for these profiles, or for every one when `profiles` is None, that ends after `days`.

    Raises InvalidInput for an unknown scope or a time that can't be.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        named = f"no scope {unknown[0]!r}" if unknown else "no token without a scope"
        raise InvalidInput.at("scope", f"There is {named}; give some of {' '.join(SCOPES)}.")
    if not 1 <= days <= LONGEST.days:
        raise InvalidInput.at("days", f"A token holds for 1 to {LONGEST.days} days.")
    claims = {
        "sub": subject,
        "profiles": "*" if profiles is None else [str(profile_id) for profile_id in profiles],
        "scope": " ".join(scopes),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=days)).timestamp()),
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def caller_of(key: str, token: str) -> Caller:
    """Who holds the token. Raises Unauthenticated when it is not ours, damaged or expired."""
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]})
        scopes = frozenset(str(claims.get("scope") or "").split())
        profiles = claims.get("profiles")
        digest = sha256(token.encode()).hexdigest()[:32]
        if profiles == "*":
            return Caller(str(claims["sub"]), everything=scopes, token=digest)
        own = {UUID(str(profile)): scopes for profile in profiles or ()}
        return Caller(str(claims["sub"]), own, token=digest)
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; get a new one.") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise Unauthenticated("The token does not hold here.") from None
