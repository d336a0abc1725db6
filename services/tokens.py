"""Machine tokens: JWT signed with the installation's key (HS256).

Those that are made on the page of settings are of one profile, are listed, and can be revoked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt
from sqlalchemy import RowMapping, insert, select, tuple_, update

from models.database import Database, Transaction
from models.errors import InvalidInput, NotFound, Unauthenticated
from models.ids import new_id
from models.schema import api_tokens
from services import audit
from services.access import SCOPES, Caller

_ALGORITHM = "HS256"
LONGEST = timedelta(days=3650)
LONGEST_LABEL = 100
T = api_tokens.c


@dataclass(frozen=True)
class Token:
    """A token as it is listed; the token itself is stored nowhere. Instants are aware UTC."""

    token_id: UUID
    profile_id: UUID
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def subject(self) -> str:
        """Who its holder is called in the claims, and so in the audit trail."""
        return f"token {self.token_id}"


def mint(
    key: str,
    *,
    subject: str,
    profiles: Sequence[UUID] | None,
    scopes: Sequence[str],
    now: datetime,
    days: int,
    token_id: UUID | None = None,
) -> str:
    """A token for these profiles, or for every one when `profiles` is None, that ends after `days`. One
    that is to be listed and revoked carries its `token_id`.

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
    if token_id is not None:
        claims["jti"] = str(token_id)
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def make(
    tx: Transaction, key: str, profile_id: UUID, label: str, scopes: Sequence[str], days: int, at: datetime
) -> tuple[Token, str]:
    """Makes a token of the profile; returns how it is listed, and the token itself, which can't be had
    again. Raises InvalidInput."""
    named = label.strip()
    if not 1 <= len(named) <= LONGEST_LABEL or any(ord(character) < 32 for character in named):
        raise InvalidInput.at(
            "label", f"A token needs a label of 1 to {LONGEST_LABEL} characters, such as what it is for."
        )
    ordered = [scope for scope in SCOPES if scope in scopes] if set(scopes) <= set(SCOPES) else list(scopes)
    token_id = new_id()
    minted = mint(
        key,
        subject=f"token {token_id}",
        profiles=[profile_id],
        scopes=ordered,
        now=at,
        days=days,
        token_id=token_id,
    )
    row = {
        "profile_id": profile_id,
        "token_id": token_id,
        "label": named,
        "scope": " ".join(ordered),
        "created_at": at,
        "expires_at": at + timedelta(days=days),
    }
    tx.run(insert(api_tokens).values(row))
    told = {"token": str(token_id), "scope": " ".join(ordered), "days": days}
    audit.note(tx, profile_id, "token-made", at, named, told)
    return find(tx, profile_id, token_id), minted


def listing(tx: Transaction, profile_id: UUID) -> list[Token]:
    """The profile's tokens, revoked and ended ones too, the newest first."""
    statement = select(api_tokens).where(T.profile_id == profile_id).order_by(T.token_id.desc())
    return [_token(row) for row in tx.rows(statement)]


def find(tx: Transaction, profile_id: UUID, token_id: UUID) -> Token:
    """One token of the profile; raises NotFound."""
    row = tx.first(select(api_tokens).where(T.profile_id == profile_id, T.token_id == token_id))
    if row is None:
        raise NotFound("There is no such token.")
    return _token(row)


def revoke(tx: Transaction, profile_id: UUID, token_id: UUID, at: datetime | None) -> Token:
    """Ends a token now, or with None lets it hold again; returns it. Raises NotFound."""
    tx.run(update(api_tokens).where(T.profile_id == profile_id, T.token_id == token_id).values(revoked_at=at))
    token = find(tx, profile_id, token_id)
    action = "token-restored" if at is None else "token-revoked"
    audit.note(tx, profile_id, action, at, token.label, {"token": str(token_id)})
    return token


def caller_of(database: Database, key: str, token: str) -> Caller:
    """Who holds the token. Raises Unauthenticated when it is not ours, damaged or expired, or was revoked."""
    caller, token_id = decoded(key, token)
    if token_id is not None:
        _check_listed(database, token_id, caller)
    return caller


def decoded(key: str, token: str) -> tuple[Caller, UUID | None]:
    """Whom the token speaks for, and the id under which it must be listed (None for one that is not), by
    what stands in it alone. Raises Unauthenticated when it is not ours, damaged or expired."""
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]})
        return _caller(claims, sha256(token.encode()).hexdigest()[:32]), _token_id(claims)
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; get a new one.") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise Unauthenticated("The token does not hold here.") from None


def expires_at(token: str) -> datetime:
    """When a token that holds ends (aware UTC)."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return datetime.fromtimestamp(claims["exp"], UTC)


def unrevoked(database: Database, listed: Collection[tuple[UUID, UUID]]) -> set[UUID]:
    """The ids of those of these tokens (profile and id) that are listed and were not revoked."""
    wanted = tuple_(T.profile_id, T.token_id).in_(listed)
    with database.transaction() as tx:
        return {row["token_id"] for row in tx.rows(select(T.token_id).where(wanted, T.revoked_at.is_(None)))}


def _caller(claims: dict[str, Any], digest: str) -> Caller:
    scopes = frozenset(str(claims.get("scope") or "").split())
    profiles = claims.get("profiles")
    if profiles == "*":
        return Caller(str(claims["sub"]), everything=scopes, token=digest)
    own = {UUID(str(profile)): scopes for profile in profiles or ()}
    return Caller(str(claims["sub"]), own, token=digest)


def _token_id(claims: dict[str, Any]) -> UUID | None:
    token_id = claims.get("jti")
    # Others who sign with the key may number their tokens too; ours name themselves in `sub`.
    return UUID(token_id) if token_id is not None and claims["sub"] == f"token {token_id}" else None


def _check_listed(database: Database, token_id: UUID, caller: Caller) -> None:
    try:
        with database.transaction() as tx:
            (profile_id,) = caller.scopes
            revoked = find(tx, profile_id, token_id).revoked_at
    except (NotFound, ValueError):
        raise Unauthenticated("The token does not hold here.") from None
    if revoked is not None:
        raise Unauthenticated("This token was revoked.")


def _token(row: RowMapping) -> Token:
    names = Token.__dataclass_fields__.keys() - {"scopes"}
    return Token(scopes=tuple(row["scope"].split()), **{name: row[name] for name in names})
