"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes in their place.

The secret lies encrypted in the database and the recovery codes as HMAC, both under a key of the data
directory: a copy of the database alone lets nobody in.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.clock import now
from models.database import Transaction
from models.errors import AppError, Conflict, InvalidInput, Unauthenticated
from models.keys import Keys
from models.schema import recovery_codes, second_factors
from models.stores import Stores
from services import accounts, limits
from services.accounts import Account

ISSUER = "Platform Analytics"
CODES = 10
_STEP = 30
_DRIFT = (0, -1, 1)
"""Steps by which the clock of a phone may differ."""
_PER_WINDOW, _WINDOW, _PER_DAY, _DAY = 5, 5, 30, 24 * 60
"""Tries for one account within so many minutes, and within a day: nobody guesses one of a million so."""
_PER_ADDRESS = 50
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_DIGITS, _HALF, _NONCE = 6, 6, 12
_WRONG = "This code does not hold. Wait for the next one in your app, or use a recovery code."
F, R = second_factors.c, recovery_codes.c


class Unreadable(AppError):
    """The secret was encrypted with another key."""

    code = "second-factor-unreadable"
    title = "The second factor can't be read"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app is given: the key as text (base32), and the address in the QR code."""

    key: str
    uri: str


@dataclass(frozen=True)
class Status:
    """Since when (aware UTC) the second factor is on, and how many recovery codes are left."""

    enabled_at: datetime
    codes_left: int


def status(tx: Transaction, account_id: UUID) -> Status | None:
    """How the second factor stands; None while it is off."""
    left = select(func.count()).where(R.account_id == account_id).scalar_subquery()
    on = (F.account_id == account_id, F.enabled_at.is_not(None))
    row = tx.first(select(F.enabled_at, left.label("codes_left")).where(*on))
    return Status(**row) if row else None


def begin(stores: Stores, account_id: UUID, password: str, address: str) -> Enrolment:
    """Makes a secret for whoever gives the password; it does nothing before `enable`.

    Raises InvalidInput at `password`, Conflict while there is one already, NotFound and TooManyRequests.
    """
    account = accounts.require_password(stores, account_id, password, address, "password")
    key = pyotp.random_base32()
    row = {"secret": _sealed(stores.keys, account_id, key), "created_at": now()}
    draft = upsert(second_factors).values(account_id=account_id, **row)
    # One that is on is not replaced by whoever sits at a browser that was left alone.
    draft = draft.on_conflict_do_update(
        index_elements=["account_id"], set_=row, where=second_factors.c.enabled_at.is_(None)
    )
    with stores.database.transaction() as tx:
        if tx.first(draft.returning(F.account_id)) is None:
            raise Conflict("The second step is on already.")
    return Enrolment(key, pyotp.TOTP(key).provisioning_uri(name=account.email, issuer_name=ISSUER))


def enable(
    stores: Stores, account_id: UUID, code: str, address: str, at: datetime
) -> tuple[Account, list[str]]:
    """Turns it on with the first code of the app, and signs the account out everywhere; returns the account
    with the epoch for a new session, and the recovery codes, which can't be had again.

    Raises InvalidInput at `code`, Conflict, NotFound and TooManyRequests.
    """
    _count(stores, account_id, None, address)
    with stores.database.transaction() as tx:
        row = tx.first(select(F.secret).where(F.account_id == account_id, F.enabled_at.is_(None)))
        if row is None:
            raise Conflict("There is nothing to confirm; begin again.")
        step = _step_of(_opened(stores.keys, account_id, row["secret"]), _plain(code), at)
        this = (F.account_id == account_id, F.secret == row["secret"], F.enabled_at.is_(None))
        values = {"enabled_at": at, "last_step": step}
        if step is None or not tx.run(update(second_factors).where(*this).values(values)):
            raise InvalidInput.at(
                "code", "This code does not fit. Check the time on your phone, then try again."
            )
        codes = _new_codes(tx, stores.keys, account_id)
        account = accounts.end_sessions(tx, account_id)
        accounts.note(tx, account, "second-step-on", at)
    _forget(stores, account_id, None)
    return account, codes


def verify(stores: Stores, account: Account, code: str, address: str, at: datetime) -> None:
    """Takes a code of the app or a recovery code, each once, and the trail tells that the account signed in.
    Raises Unauthenticated and TooManyRequests."""
    _count(stores, account.account_id, account.epoch, address)
    with stores.database.transaction() as tx:
        if taken := _take(tx, stores.keys, account.account_id, code, at):
            accounts.note(tx, account, "signed-in", at)
    if not taken:
        _note_refusal(stores, account, at)
        raise Unauthenticated(_WRONG)
    _forget(stores, account.account_id, account.epoch)


def disable(
    stores: Stores, account_id: UUID, password: str, code: str, address: str, at: datetime
) -> Account:
    """Turns it off for whoever has the password and a code, and signs the account out everywhere; returns it
    with the epoch for a new session.

    Raises InvalidInput at `password` or `code`, NotFound and TooManyRequests.
    """
    account = accounts.require_password(stores, account_id, password, address, "password")
    _count(stores, account_id, None, address)
    with stores.database.transaction() as tx:
        if taken := _take(tx, stores.keys, account_id, code, at):
            account = _off(tx, account_id)
            accounts.note(tx, account, "second-step-off", at)
    if not taken:
        _note_refusal(stores, account, at)
        raise InvalidInput.at("code", _WRONG)
    _forget(stores, account_id, None)
    return account


def renew_codes(stores: Stores, account_id: UUID, code: str, address: str, at: datetime) -> list[str]:
    """New recovery codes for whoever has a code; the old ones hold no more. Raises InvalidInput at `code`,
    NotFound, and TooManyRequests."""
    _count(stores, account_id, None, address)
    with stores.database.transaction() as tx:
        account = accounts.get(tx, account_id)
        if taken := _take(tx, stores.keys, account_id, code, at):
            codes = _new_codes(tx, stores.keys, account_id)
            accounts.note(tx, account, "recovery-codes-made", at)
    if not taken:
        _note_refusal(stores, account, at)
        raise InvalidInput.at("code", _WRONG)
    _forget(stores, account_id, None)
    return codes


def reset(tx: Transaction, account_id: UUID) -> Account:
    """Turns it off without a code, and signs the account out everywhere; returns it as it is then. Raises
    NotFound when there is no such account."""
    account = _off(tx, account_id)
    accounts.note(tx, account, "second-step-reset", now())
    return account


def _off(tx: Transaction, account_id: UUID) -> Account:
    tx.run(delete(recovery_codes).where(R.account_id == account_id))
    tx.run(delete(second_factors).where(F.account_id == account_id))
    return accounts.end_sessions(tx, account_id)


def _note_refusal(stores: Stores, account: Account, at: datetime) -> None:
    with stores.database.transaction() as tx:
        accounts.note(tx, account, "code-refused", at, accounts.REFUSALS_AN_HOUR)


def _take(tx: Transaction, keys: Keys, account_id: UUID, code: str, at: datetime) -> bool:
    """Uses the code up, if it is one. Two who give the same one at once: the database lets one of them."""
    plain = _plain(code)
    on = (F.account_id == account_id, F.enabled_at.is_not(None))
    row = tx.first(select(F.secret).where(*on))
    if row is None:
        return False
    if len(plain) != _DIGITS:
        hashed = _hashed(keys, account_id, plain)
        return tx.run(delete(recovery_codes).where(R.account_id == account_id, R.code_hash == hashed)) == 1
    step = _step_of(_opened(keys, account_id, row["secret"]), plain, at)
    if step is None:
        return False
    return tx.run(update(second_factors).where(*on, F.last_step < step).values(last_step=step)) == 1


def _step_of(key: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, of those that are near."""
    this, totp = int(at.timestamp()) // _STEP, pyotp.TOTP(key)
    near = (this + drift for drift in _DRIFT)
    return next((step for step in near if _same(totp.generate_otp(step), code)), None)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _plain(code: str) -> str:
    """As it is compared: people copy blanks and hyphens, and phones begin with a capital."""
    return "".join(code[:64].split()).replace("-", "").lower().encode("ascii", "replace").decode()


def _new_codes(tx: Transaction, keys: Keys, account_id: UUID) -> list[str]:
    halves = [["".join(map(secrets.choice, [_LETTERS] * _HALF)) for _ in range(2)] for _ in range(CODES)]
    tx.run(delete(recovery_codes).where(R.account_id == account_id))
    hashes = [_hashed(keys, account_id, "".join(pair)) for pair in halves]
    tx.run(insert(recovery_codes), [{"account_id": account_id, "code_hash": each} for each in hashes])
    return ["-".join(pair) for pair in halves]


def _count(stores: Stores, account_id: UUID, epoch: int | None, address: str) -> None:
    limits.count(stores, "codes", address, _PER_ADDRESS, _WINDOW)
    limits.count(stores, "codes", f"{account_id} {epoch}", _PER_WINDOW, _WINDOW)
    limits.count(stores, "codes", f"{account_id} {epoch}", _PER_DAY, _DAY)


def _forget(stores: Stores, account_id: UUID, epoch: int | None) -> None:
    limits.forget(stores, "codes", f"{account_id} {epoch}", _PER_WINDOW, _WINDOW)
    limits.forget(stores, "codes", f"{account_id} {epoch}", _PER_DAY, _DAY)


def _key(keys: Keys, use: str) -> bytes:
    """32 bytes, others for each use."""
    return hmac.new(keys.secret("second-factor").encode(), use.encode(), hashlib.sha256).digest()


def _hashed(keys: Keys, account_id: UUID, plain: str) -> bytes:
    return hmac.new(_key(keys, "recovery"), account_id.bytes + plain.encode(), hashlib.sha256).digest()


def _sealed(keys: Keys, account_id: UUID, secret: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(keys, "secret")).encrypt(nonce, secret.encode(), account_id.bytes)


def _opened(keys: Keys, account_id: UUID, sealed: bytes) -> str:
    nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
    try:
        return AESGCM(_key(keys, "secret")).decrypt(nonce, rest, account_id.bytes).decode()
    except InvalidTag:
        raise Unreadable(
            "The key of the second factor is not that of this data directory. Whoever runs this server "
            "turns it off with `manage.py accounts reset-second-factor`."
        ) from None
