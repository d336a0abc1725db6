"""Machine tokens: JWT signed with the installation's key (HS256), or by others whose public keys are known
(RS256, ES256; services.key_sets).

Those that are made on the page of settings are of one profile and are listed. Every one can be revoked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt
from jwt.types import Options
from sqlalchemy import RowMapping, Text, cast, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.database import Database, Transaction
from models.errors import InvalidInput, NotFound, Unauthenticated
from models.ids import new_id
from models.outside import KeySet
from models.schema import api_tokens, profiles, revoked_tokens
from models.stores import Stores
from services import audit, key_sets
from services.access import SCOPES, Caller

_ALGORITHM = "HS256"
_REQUIRED: Options = {"require": ["exp", "sub"]}
_LEEWAY = timedelta(seconds=30)
"""By which the clocks of others may differ."""
_NOT_OURS = "The token does not hold here."
LONGEST_ID = 200
LONGEST = timedelta(days=3650)
LONGEST_LABEL = 100
T = api_tokens.c
# The operator may have revoked one that is listed, by its id.
_REVOKED = func.coalesce(T.revoked_at, revoked_tokens.c.revoked_at).label("revoked_at")
_LISTED = select(*(each for each in T if each.name != "revoked_at"), _REVOKED).outerjoin(
    revoked_tokens, revoked_tokens.c.jti == cast(T.token_id, Text)
)


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


@dataclass(frozen=True)
class Held:
    """What somebody came with: whom it speaks for, when it ends (aware UTC), the `names` of which none may be
    revoked, and the profile and id of one that must be `listed`."""

    caller: Caller = field(hash=False)
    until: datetime
    names: tuple[str, ...]
    listed: tuple[UUID, UUID] | None


@dataclass(frozen=True)
class Revoked:
    """A token that holds no more: what it is known by, when it would have ended by itself (aware UTC), and
    whom it was for, None where only its id was told."""

    jti: str
    expires_at: datetime
    subject: str | None


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
    that is listed is numbered by its `token_id`, others by a new one.

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
        "jti": str(token_id or new_id()),
    }
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
    statement = _LISTED.where(T.profile_id == profile_id).order_by(T.token_id.desc())
    return [_token(row) for row in tx.rows(statement)]


def find(tx: Transaction, profile_id: UUID, token_id: UUID) -> Token:
    """One token of the profile; raises NotFound."""
    row = tx.first(_LISTED.where(T.profile_id == profile_id, T.token_id == token_id))
    if row is None:
        raise NotFound("There is no such token.")
    return _token(row)


def revoke(tx: Transaction, profile_id: UUID, token_id: UUID, at: datetime | None) -> Token:
    """Ends a listed token now, or with None lets it hold again, unless the operator revoked it; returns it.
    Raises NotFound."""
    tx.run(update(api_tokens).where(T.profile_id == profile_id, T.token_id == token_id).values(revoked_at=at))
    token = find(tx, profile_id, token_id)
    action = "token-restored" if at is None else "token-revoked"
    audit.note(tx, profile_id, action, at, token.label, {"token": str(token_id)})
    return token


def caller_of(stores: Stores, token: str) -> Caller:
    """Who holds the token. Raises Unauthenticated when it is not ours, damaged or expired, or was revoked."""
    return held(stores, token).caller


def held(stores: Stores, token: str) -> Held:
    """The same with what it hangs on."""
    found = decoded(stores, token)
    check = select(exists().where(revoked_tokens.c.jti.in_(found.names)).label("revoked"))
    if found.listed is not None:
        profile_id, token_id = found.listed
        own = (T.profile_id == profile_id, T.token_id == token_id)
        holds = select(T.revoked_at.is_(None)).where(*own).scalar_subquery()
        check = check.add_columns(holds.label("listed"))
    with stores.database.transaction() as tx:
        row = tx.first(check)
    assert row is not None
    listed = True if found.listed is None else row["listed"]
    if listed is None:
        raise Unauthenticated(_NOT_OURS)
    if row["revoked"] or not listed:
        raise Unauthenticated("This token was revoked.")
    return found


def decoded(stores: Stores, token: str) -> Held:
    """Whom the token speaks for, by what stands in it alone. Raises Unauthenticated when it is not ours,
    damaged or expired, and Unavailable while the keys of whoever signed it can't be had."""
    try:
        header = jwt.get_unverified_header(token)
        if header["alg"] == _ALGORITHM:
            claims = jwt.decode(token, stores.keys.jwt, algorithms=[_ALGORITHM], options=_REQUIRED)
        else:
            claims = _of_others(stores.outside.key_set, token, header)
        digest = sha256(token.encode()).hexdigest()[:32]
        caller, own_id = _caller(claims, digest), _token_id(claims, header["alg"])
        listed = None
        if own_id is not None:
            (profile_id,) = caller.scopes
            listed = (profile_id, own_id)
        return Held(caller, datetime.fromtimestamp(claims["exp"], UTC), _names(claims, digest), listed)
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; get a new one.") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, KeyError, OverflowError):
        raise Unauthenticated(_NOT_OURS) from None


def holding(database: Database, held: Collection[Held]) -> set[Held]:
    """Those of these tokens that were not revoked."""
    names = {name for each in held for name in each.names}
    listed = {each.listed for each in held if each.listed}
    revoked = select(revoked_tokens.c.jti).where(revoked_tokens.c.jti.in_(names))
    wanted = select(T.profile_id, T.token_id).where(
        tuple_(T.profile_id, T.token_id).in_(listed), T.revoked_at.is_(None)
    )
    with database.transaction() as tx:
        ended = {row["jti"] for row in tx.rows(revoked)}
        known = {(row["profile_id"], row["token_id"]) for row in tx.rows(wanted)} if listed else set()
    return {
        each
        for each in held
        if not ended.intersection(each.names) and (each.listed is None or each.listed in known)
    }


def revoke_any(stores: Stores, given: str, at: datetime) -> Revoked:
    """Ends a token for good, whoever made it: by itself, or by its id (the claim `jti`), which nobody checks.
    Raises InvalidInput for a token that does not hold, or what can be no id."""
    text, known = given.strip(), None
    if text.count(".") == 2:
        try:
            found = decoded(stores, text)
        except Unauthenticated as error:
            raise InvalidInput.at("token", f"{error} There is nothing to revoke.") from None
        ended = Revoked(found.names[0], found.until, found.caller.subject)
        known = found.caller
    elif 1 <= len(text) <= LONGEST_ID and text.isprintable():
        ended = Revoked(text, at + LONGEST, None)
    else:
        raise InvalidInput.at("token", "Give the token, or its id (the claim jti).")
    row = {"jti": ended.jti, "revoked_at": at, "expires_at": ended.expires_at, "subject": ended.subject}
    with stores.database.transaction() as tx:
        tx.run(delete(revoked_tokens).where(revoked_tokens.c.expires_at < at - _LEEWAY))
        entered = upsert(revoked_tokens).values(row).on_conflict_do_nothing()
        if tx.first(entered.returning(revoked_tokens.c.jti)) is not None:
            _note_revoked(tx, ended, known, at)
    return ended


def _note_revoked(tx: Transaction, ended: Revoked, known: Caller | None, at: datetime) -> None:
    """Tells the trails of the profiles that the token was good for, as far as that is known: an id alone
    tells it of those that are listed."""
    row = tx.first(select(T.profile_id, T.label).where(cast(T.token_id, Text) == ended.jti))
    if row is not None:
        audit.note(tx, row["profile_id"], "token-revoked", at, row["label"], {"token": ended.jti})
    elif known is not None:
        these = select(profiles.c.profile_id)
        if known.everything is None:
            these = these.where(profiles.c.profile_id.in_(known.scopes))
        found = [row["profile_id"] for row in tx.rows(these)]
        audit.note_all(tx, found, "token-revoked", at, known.subject, {"token": ended.jti})


def _caller(claims: dict[str, Any], digest: str) -> Caller:
    scopes = frozenset(str(claims.get("scope") or "").split())
    profiles = claims.get("profiles")
    if profiles == "*":
        return Caller(str(claims["sub"]), everything=scopes, token=digest)
    own = {UUID(str(profile)): scopes for profile in profiles or ()}
    return Caller(str(claims["sub"]), own, token=digest)


def _token_id(claims: dict[str, Any], algorithm: str) -> UUID | None:
    """The id of a token that must be listed."""
    token_id = claims.get("jti")
    # Others who sign may number their tokens too; ours name themselves in `sub`.
    is_listed = algorithm == _ALGORITHM and token_id is not None and claims["sub"] == f"token {token_id}"
    return UUID(token_id) if is_listed else None


def _names(claims: dict[str, Any], digest: str) -> tuple[str, ...]:
    """What the token is revoked by, the usual one first."""
    token_id, own = claims.get("jti"), f"token:{digest}"
    if isinstance(token_id, str) and 0 < len(token_id) <= LONGEST_ID and token_id.isprintable():
        return token_id, own
    return (own,)


def _of_others(key_set: KeySet | None, token: str, header: dict[str, Any]) -> dict[str, Any]:
    """The claims of a token that a key of the set signed; by the algorithm of that key alone."""
    if key_set is None or header["alg"] not in key_sets.ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    key = key_sets.of(key_set.source).key(header.get("kid"), header["alg"])
    required = ["exp", "sub"]
    required += [name for name, value in (("iss", key_set.issuer), ("aud", key_set.audience)) if value]
    claims: dict[str, Any] = jwt.decode(
        token,
        key.key,
        algorithms=[header["alg"]],
        issuer=key_set.issuer,
        audience=key_set.audience,
        leeway=_LEEWAY,
        options={"require": required, "verify_aud": key_set.audience is not None},
    )
    return claims


def _token(row: RowMapping) -> Token:
    names = Token.__dataclass_fields__.keys() - {"scopes"}
    return Token(scopes=tuple(row["scope"].split()), **{name: row[name] for name in names})
