"""A new password for who forgot the old one: by a link that goes to the account's own address.

Whoever asks learns nothing of who has an account: every request is written down alike, and the worker looks
later whether there is somebody to send a link to. A link holds for an hour, and until the account's sessions
are next ended, which the new password does.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from threading import Event
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from models.clock import now
from models.errors import NotFound
from models.keys import Keys
from models.schema import reset_requests
from models.stores import Stores
from services import accounts, limits
from services.accounts import Account
from services.delivery import mail
from services.delivery.network import Unreachable

HOLDS = timedelta(minutes=60)
POLL = 2.0
AT_ONCE = 20
_PER_ADDRESS, _PER_ACCOUNT, _WINDOW = 20, 3, 60
"""Requests from one address, and for one account, within so many minutes."""
_LEASE = timedelta(minutes=2)
_MOST_ATTEMPTS = 5
_GONE = "This link holds no more. Ask for a new one."
_log = logging.getLogger(__name__)
Q = reset_requests.c


@dataclass(frozen=True)
class Link:
    """What a link says: whose it is, and up to which state of the account it holds."""

    account_id: UUID
    epoch: int


def possible(stores: Stores) -> bool:
    """Whether links can be sent here: there is a mail server, and it is known where they lead."""
    return stores.outside.mail is not None and stores.outside.public_url is not None


def ask(stores: Stores, email: str, address: str, at: datetime) -> None:
    """Writes down that somebody wants a link, the same for any e-mail. Raises InvalidInput for what is no
    e-mail, and TooManyRequests."""
    who = accounts.check_email(email).lower()
    limits.count(stores, "requests for a link", address, _PER_ADDRESS, _WINDOW)
    limits.count(stores, "requests for a link", who, _PER_ACCOUNT, _WINDOW)
    row = insert(reset_requests).values(email=who, asked_at=at, next_at=at)
    with stores.database.transaction() as tx:
        tx.run(row.on_conflict_do_nothing())


def link_token(keys: Keys, account: Account, at: datetime) -> str:
    """The token of a link for this account that holds from `at` on."""
    claims = [account.account_id.hex, account.epoch, int((at + HOLDS).timestamp())]
    signed: str | bytes = _serializer(keys).dumps(claims)
    return signed if isinstance(signed, str) else signed.decode()


def check(stores: Stores, token: str, at: datetime) -> Link:
    """What the token stands for. Raises NotFound when it is not ours or holds no more."""
    try:
        claims: Any = _serializer(stores.keys).loads(token[:1_000])
        link, until = Link(UUID(hex=claims[0]), int(claims[1])), int(claims[2])
    except (BadData, UnicodeError):
        raise NotFound(_GONE) from None
    if until <= at.timestamp() or accounts.caller_of(stores.database, link.account_id, link.epoch) is None:
        raise NotFound(_GONE)
    return link


def use(stores: Stores, token: str, password: str, address: str, at: datetime) -> Account:
    """Sets the password and ends every session; returns the account as it is then. Raises InvalidInput at
    `password`, NotFound for a link that holds no more, and TooManyRequests."""
    limits.count(stores, "uses of a link", address, _PER_ADDRESS, _WINDOW)
    link = check(stores, token, at)
    accounts.check_password(password)
    with stores.database.transaction() as tx:
        try:
            return accounts.set_password(tx, link.account_id, password, link.epoch, "password-reset")
        except NotFound:
            raise NotFound(_GONE) from None


def run(stores: Stores, stopping: Event) -> None:
    """Sends the links that were asked for until told to stop: a duty of the worker."""
    while not stopping.is_set():
        if not send_due(stores, now(), stopping):
            stopping.wait(POLL)


def send_due(stores: Stores, at: datetime, stopping: Event | None = None) -> int:
    """Takes up what is due by now, AT_ONCE of it; returns how many that was."""
    old = delete(reset_requests).where((Q.asked_at <= at - HOLDS) | (Q.attempts >= _MOST_ATTEMPTS))
    due = select(Q.email, Q.next_at).where(Q.next_at <= at).order_by(Q.next_at).limit(AT_ONCE)
    with stores.database.transaction() as tx:
        tx.run(old.where(Q.next_at <= at))
        found = tx.rows(due)
    for row in found:
        if not (stopping and stopping.is_set()):
            _look_after(stores, row["email"], row["next_at"], at)
    return len(found)


def _look_after(stores: Stores, email: str, seen: datetime, at: datetime) -> None:
    # Whoever moves it on has it, until the lease ends.
    claimed = update(reset_requests).where(Q.email == email, Q.next_at == seen)
    with stores.database.transaction() as tx:
        if not tx.run(claimed.values(next_at=at + _LEASE, attempts=Q.attempts + 1)):
            return
        try:
            account = accounts.find(tx, email)
        except NotFound:
            account = None
    if account is not None and not _sent(stores, account, at):
        return
    with stores.database.transaction() as tx:
        tx.run(delete(reset_requests).where(Q.email == email))
        if account is not None and possible(stores):
            accounts.note(tx, account, "reset-link-sent", at)


def _sent(stores: Stores, account: Account, at: datetime) -> bool:
    """Whether the link went out; where none can be sent any more, there is nothing to try again."""
    server, base = stores.outside.mail, stores.outside.public_url
    if server is None or base is None:
        return True
    link = f"{base}/sign-in/reset?token={link_token(stores.keys, account, at)}"
    try:
        mail.send(server, message(server.sender, account.email, link, at))
    except Unreachable as error:
        _log.warning("A link for a new password could not be sent: %s", error)
        return False
    return True


def message(sender: str, to: str, link: str, at: datetime) -> EmailMessage:
    """The mail with the link."""
    written = EmailMessage()
    written["From"], written["To"] = sender, to
    written["Subject"] = "A new password for Platform Analytics"
    written["Date"] = format_datetime(at)
    written["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or "localhost")
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(
        "Somebody, most likely you, asked for a new password.\n\n"
        f"Set it here within {int(HOLDS.total_seconds() // 60)} minutes:\n\n{link}\n\n"
        "It works once, and signs you out everywhere. If it was not you, leave this mail alone: "
        "nothing has changed.\n",
        cte="7bit",  # a link that is broken over two lines opens nothing
    )
    return written


def _serializer(keys: Keys) -> URLSafeSerializer:
    return URLSafeSerializer(keys.secret("password-reset"), salt="password-reset")
