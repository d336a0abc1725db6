"""Accounts: the people who sign in, and the profiles that they belong to."""

import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Thread
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, RowMapping, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from models.clock import now
from models.database import Database, Transaction
from models.errors import Conflict, InvalidInput, NotFound, Unauthenticated, Unavailable
from models.ids import new_id
from models.schema import accounts, memberships, second_factors
from models.stores import Stores
from services import aside, audit, limits, profiles
from services.access import Caller
from services.profiles import Profile

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
ROLES = ("owner", "viewer")
_ATTEMPTS_PER_ACCOUNT, _ATTEMPTS_PER_ADDRESS, _WINDOW = 10, 50, 5
"""How often one address may try one account, and any, in so many minutes."""
REFUSALS_AN_HOUR = 10
"""Refused sign-ins, or codes, of an account that a trail tells of; the others add nothing to them."""
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}")
_FOUNDING = UUID(int=0)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of generated passwords: none can be taken for another."""
_hasher = PasswordHasher()
F = second_factors.c


@dataclass(frozen=True)
class Account:
    """Someone who can sign in. `epoch` is part of every session: raising it ends them all."""

    account_id: UUID
    email: str
    epoch: int


@dataclass(frozen=True)
class Member:
    """An account that may see a profile (viewer) or keep it (owner), `since` an instant (aware UTC)."""

    account_id: UUID
    email: str
    role: str
    since: datetime


def add(tx: Transaction, email: str, password: str, at: datetime) -> Account:
    """Makes an account. Raises InvalidInput for an e-mail or password that can't be, Conflict when
    there is one already."""
    checked = check_email(email)
    check_password(password)
    account = Account(new_id(), checked, 0)
    hashed = aside.run(_hasher.hash, password)
    row = tx.first(
        insert(accounts)
        .values(account_id=account.account_id, email=checked, password_hash=hashed, created_at=at)
        .on_conflict_do_nothing()
        .returning(accounts.c.account_id)
    )
    if row is None:
        raise Conflict(f"There is an account {checked} already.")
    return account


def found(
    database: Database, *, email: str, password: str, name: str, time_zone: str, currency: str, at: datetime
) -> tuple[Account, Profile]:
    """The first account and its profile. Raises InvalidInput, and Conflict once there is any account."""
    with database.acting(email.strip()).transaction() as tx:
        tx.lock_profile(_FOUNDING)
        if tx.first(select(accounts.c.account_id).limit(1)) is not None:
            raise Conflict("There is an account already; sign in with it.")
        account = add(tx, email, password, at)
        make_operator(tx, account.account_id, True)
        profile = profiles.add(tx, name=name, time_zone=time_zone, currency=currency, at=at)
        grant(tx, account.account_id, profile.profile_id, "owner", at)
    return account, profile


def find(tx: Transaction, email: str) -> Account:
    """The account with this e-mail; raises NotFound."""
    row = tx.first(select(accounts).where(_is(email.strip())))
    if row is None:
        raise NotFound(f"There is no account {email.strip()[:200]!r}.")
    return _account(row)


def get(tx: Transaction, account_id: UUID) -> Account:
    """The account; raises NotFound."""
    row = tx.first(select(accounts).where(accounts.c.account_id == account_id))
    if row is None:
        raise _gone()
    return _account(row)


def make_operator(tx: Transaction, account_id: UUID, is_operator: bool) -> None:
    """Lets the account see how the installation does, or no more."""
    tx.run(update(accounts).where(accounts.c.account_id == account_id).values(is_operator=is_operator))


def any_account(database: Database) -> bool:
    """Whether anybody can sign in yet."""
    with database.transaction() as tx:
        return tx.first(select(accounts.c.account_id).limit(1)) is not None


def set_password(
    tx: Transaction,
    account_id: UUID,
    password: str,
    epoch: int | None = None,
    action: str = "password-changed",
) -> Account:
    """Changes the password and signs the account out everywhere; returns it as it is then. With an `epoch`
    only while that is the account's. The trail tells of it as `action`. Raises InvalidInput and NotFound."""
    check_password(password)
    hashed = aside.run(_hasher.hash, password)
    changes = {"password_hash": hashed, "session_epoch": accounts.c.session_epoch + 1}
    statement = update(accounts).where(accounts.c.account_id == account_id).values(changes)
    if epoch is not None:
        statement = statement.where(accounts.c.session_epoch == epoch)
    row = tx.first(statement.returning(accounts.c.account_id, accounts.c.email, accounts.c.session_epoch))
    if row is None:
        raise _gone()
    account = _account(row)
    note(tx, account, action, now())
    return account


def grant(tx: Transaction, account_id: UUID, profile_id: UUID, role: str, at: datetime) -> None:
    """Makes the account a member of the profile, or changes its role. Raises InvalidInput, NotFound, and
    Conflict when the last owner would become a viewer."""
    if role not in ROLES:
        raise InvalidInput.at("role", f"There is no role {role!r}; give one of {', '.join(ROLES)}.")
    profiles.get(tx, profile_id)
    if role != "owner":
        _keep_an_owner(tx, profile_id, account_id)
    was = tx.first(select(memberships.c.role).where(_of(profile_id, account_id)))
    statement = insert(memberships).values(
        profile_id=profile_id, account_id=account_id, role=role, created_at=at
    )
    tx.run(statement.on_conflict_do_update(index_elements=["profile_id", "account_id"], set_={"role": role}))
    told = {"role": role} if was is None else audit.changes(dict(was), {"role": role})
    if told:
        email = tx.value(select(accounts.c.email).where(accounts.c.account_id == account_id))
        action = "member-added" if was is None else "member-changed"
        audit.note(tx, profile_id, action, at, str(email), told)


def invite(
    tx: Transaction, profile_id: UUID, email: str, role: str, at: datetime
) -> tuple[Member, str | None]:
    """Makes the person with this e-mail a member; returns the member, and the password of the account
    when it had to be made, which is told nowhere else.

    Raises InvalidInput, NotFound for the profile, and Conflict for somebody who is a member already.
    """
    checked, password = check_email(email), None
    row = tx.first(select(accounts).where(_is(checked)))
    if row is None:
        password = new_password()
        account = add(tx, checked, password, at)
    else:
        account = _account(row)
    if any(member.account_id == account.account_id for member in members(tx, profile_id)):
        raise Conflict(f"{account.email} is a member of this profile already.")
    grant(tx, account.account_id, profile_id, role, at)
    return Member(account.account_id, account.email, role, at), password


def members(tx: Transaction, profile_id: UUID) -> list[Member]:
    """Who may see the profile, the first member first."""
    statement = (
        select(accounts.c.account_id, accounts.c.email, memberships.c.role, memberships.c.created_at)
        .join(memberships, memberships.c.account_id == accounts.c.account_id)
        .where(memberships.c.profile_id == profile_id)
        .order_by(memberships.c.created_at, accounts.c.email)
    )
    return [
        Member(row["account_id"], row["email"], row["role"], row["created_at"]) for row in tx.rows(statement)
    ]


def member(tx: Transaction, profile_id: UUID, account_id: UUID) -> Member:
    """One member of the profile; raises NotFound."""
    for each in members(tx, profile_id):
        if each.account_id == account_id:
            return each
    raise NotFound("This person is no member of the profile any more.")


def revoke(tx: Transaction, profile_id: UUID, account_id: UUID) -> Member:
    """Takes the profile from the account, which stays; returns the member that it was. Raises NotFound, and
    Conflict for the last owner."""
    was = member(tx, profile_id, account_id)
    _keep_an_owner(tx, profile_id, account_id)
    tx.run(delete(memberships).where(_of(profile_id, account_id)))
    audit.note(tx, profile_id, "member-removed", None, was.email, {"role": was.role})
    return was


def sign_in(stores: Stores, email: str, password: str, address: str) -> Account:
    """The account, when the password is its own; where no code is asked for after it, the trail tells that it
    signed in. Raises Unauthenticated, the same whether there is such an account or not, and
    TooManyRequests."""
    who = email.strip().lower()[:260]
    limits.count(stores, "sign-ins", address, _ATTEMPTS_PER_ADDRESS, _WINDOW)
    limits.count(stores, "sign-ins", f"{address} {who}", _ATTEMPTS_PER_ACCOUNT, _WINDOW)
    known = None
    if _EMAIL.fullmatch(who):
        with stores.database.transaction() as tx:
            known = tx.first(select(accounts).where(_is(who)))
    row = known
    try:
        hashed = known["password_hash"] if known else aside.run(_nobody)
        aside.run(_hasher.verify, hashed, password[:LONGEST_PASSWORD])
    except VerificationError:
        row = None
    if row is None:
        if known is not None:
            _note_refusal(stores.database, _account(known))
        raise Unauthenticated("This e-mail and password don't go together. Check both, then try again.")
    limits.forget(stores, "sign-ins", f"{address} {who}", _ATTEMPTS_PER_ACCOUNT, _WINDOW)
    account = _account(row)
    asks_for_code = select(F.account_id).where(F.account_id == account.account_id, F.enabled_at.is_not(None))
    with stores.database.transaction() as tx:
        if tx.first(asks_for_code) is None:
            note(tx, account, "signed-in", now())
    return account


def change_password(stores: Stores, account_id: UUID, old: str, new: str, address: str) -> Account:
    """Changes the own password for somebody who knows the old one, and signs the account out everywhere;
    returns it with the epoch for a new session.

    Raises InvalidInput at `old` or `password`, NotFound, and TooManyRequests.
    """
    check_password(new)
    require_password(stores, account_id, old, address, "old")
    with stores.database.transaction() as tx:
        return set_password(tx, account_id, new)


def require_password(stores: Stores, account_id: UUID, password: str, address: str, pointer: str) -> Account:
    """The account of somebody who signed in and gives the password again, for what a session alone may not
    do. Raises InvalidInput at `pointer`, NotFound, and TooManyRequests."""
    limits.count(stores, "password changes", f"{address} {account_id}", _ATTEMPTS_PER_ACCOUNT, _WINDOW)
    with stores.database.transaction() as tx:
        row = tx.first(select(accounts).where(accounts.c.account_id == account_id))
    if row is None:
        raise _gone()
    try:
        aside.run(_hasher.verify, row["password_hash"], password[:LONGEST_PASSWORD])
    except VerificationError:
        named = "The old password" if pointer == "old" else "Your password"
        raise InvalidInput.at(pointer, f"{named} is another one. Nothing was changed.") from None
    return _account(row)


def sign_out_everywhere(tx: Transaction, account_id: UUID) -> Account:
    """Ends every session of the account for its own sake; returns it as it is then. Raises NotFound."""
    account = end_sessions(tx, account_id)
    note(tx, account, "signed-out-everywhere", now())
    return account


def end_sessions(tx: Transaction, account_id: UUID) -> Account:
    """Ends every session of the account, for a reason that the trail tells of; returns it with the epoch for
    a new one. Raises NotFound."""
    statement = update(accounts).where(accounts.c.account_id == account_id)
    raised = statement.values(session_epoch=accounts.c.session_epoch + 1)
    row = tx.first(raised.returning(accounts.c.account_id, accounts.c.email, accounts.c.session_epoch))
    if row is None:
        raise _gone()
    return _account(row)


def note(tx: Transaction, account: Account, action: str, at: datetime, at_most: int | None = None) -> None:
    """Tells the trails of the account's profiles what was done with it: by whoever acts in this transaction,
    and then whose account it is, or else by itself. With `at_most`, so many an hour."""
    by = tx.by or account.email
    details = None if by == account.email else {"account": account.email}
    audit.record_account(tx, account.account_id, action, by, at, details, at_most)


def caller_of(database: Database, account_id: UUID, epoch: int) -> Caller | None:
    """Who a session speaks for; None when the account is gone or was signed out everywhere."""
    return callers_of(database, [(account_id, epoch)]).get((account_id, epoch))


def callers_of(database: Database, sessions: Collection[tuple[UUID, int]]) -> dict[tuple[UUID, int], Caller]:
    """Who these sessions (account and epoch) speak for, without those that hold no more."""
    statement = (
        select(
            accounts.c.account_id,
            accounts.c.session_epoch,
            accounts.c.email,
            accounts.c.is_operator,
            memberships.c.profile_id,
            memberships.c.role,
        )
        .outerjoin(memberships, memberships.c.account_id == accounts.c.account_id)
        .where(tuple_(accounts.c.account_id, accounts.c.session_epoch).in_(sessions))
    )
    with database.transaction() as tx:
        rows = tx.rows(statement)
    roles: dict[tuple[UUID, int, str, bool], dict[UUID, str]] = {}
    for row in rows:
        account = (row["account_id"], row["session_epoch"], row["email"], row["is_operator"])
        known = roles.setdefault(account, {})
        if row["profile_id"]:
            known[row["profile_id"]] = row["role"]
    return {
        (account_id, epoch): Caller.of_roles(account_id, email, known, is_operator)
        for (account_id, epoch, email, is_operator), known in roles.items()
    }


def _note_refusal(database: Database, account: Account) -> None:
    """Tells the trails of the account's profiles of a wrong password. Aside: the answer to a stranger must
    not take longer where there is such an account."""

    def tell() -> None:
        with suppress(Unavailable), database.transaction() as tx:
            note(tx, account, "sign-in-refused", now(), REFUSALS_AN_HOUR)

    Thread(target=tell, name="a refused sign-in", daemon=True).start()


def _gone() -> NotFound:
    return NotFound("There is no such account any more.")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Verified when there is no such account, so that the answer takes as long."""
    return _hasher.hash("nobody's password")


def check_email(email: str) -> str:
    """The e-mail without outer blanks; InvalidInput when it can't be one."""
    stripped = email.strip()
    if not _EMAIL.fullmatch(stripped):
        raise InvalidInput.at("email", f"{stripped[:80]!r} is not an e-mail address.")
    return stripped


def check_password(password: str) -> None:
    """InvalidInput when the password is too short or too long, or is no text."""
    if not password.isascii() and any(0xD800 <= ord(character) < 0xE000 for character in password):
        raise InvalidInput.at("password", "The password is not text in UTF-8.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput.at(
            "password", f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        )


def new_password() -> str:
    """A password that nobody can guess and anybody can type: four groups of five letters."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def _keep_an_owner(tx: Transaction, profile_id: UUID, account_id: UUID) -> None:
    # Locked in one order: two owners who remove each other at once must not both succeed.
    statement = (
        select(memberships.c.account_id)
        .where(memberships.c.profile_id == profile_id, memberships.c.role == "owner")
        .order_by(memberships.c.account_id)
        .with_for_update()
    )
    if [row["account_id"] for row in tx.rows(statement)] == [account_id]:
        raise Conflict("This is the last owner. Make somebody else an owner first.")


def _account(row: RowMapping) -> Account:
    return Account(row["account_id"], row["email"], row["session_epoch"])


def _of(profile_id: UUID, account_id: UUID) -> ColumnElement[bool]:
    return (memberships.c.profile_id == profile_id) & (memberships.c.account_id == account_id)


def _is(email: str) -> ColumnElement[bool]:
    return func.lower(accounts.c.email) == func.lower(email)
