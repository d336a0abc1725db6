"""Where the alerts of a profile go beside its page: e-mail addresses and webhooks."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select, update

from models.database import Transaction
from models.errors import Conflict, InvalidInput, NotFound
from models.ids import new_id
from models.outside import Outside
from models.schema import alert_channels, alert_deliveries
from services import audit
from services.accounts import check_email
from services.delivery.network import checked_url
from services.delivery.signing import SALT

EMAIL, WEBHOOK = "email", "webhook"
MOST = 10
C, D = alert_channels.c, alert_deliveries.c


@dataclass(frozen=True)
class Channel:
    """An e-mail address or a webhook. Instants are aware UTC. When it is stopped nothing is sent any more,
    and `problem` says why."""

    channel_id: UUID
    profile_id: UUID
    kind: str
    target: str
    salt: bytes | None
    created_at: datetime
    stopped_at: datetime | None
    problem: str | None


def add(tx: Transaction, profile_id: UUID, kind: str, target: str, at: datetime, outside: Outside) -> Channel:
    """Adds a channel. Raises InvalidInput, and Conflict when it is there already or there are too many."""
    if kind == WEBHOOK:
        checked, salt = checked_url(target, outside.allow_http), secrets.token_bytes(SALT)
    elif kind == EMAIL:
        if outside.mail is None:
            raise InvalidInput.at("kind", "This installation has no mail server, so that it can't send mail.")
        checked, salt = check_email(target), None
    else:
        raise InvalidInput.at("kind", "Choose e-mail or webhook.")
    _require_new(tx, profile_id, kind, checked)
    channel_id = new_id()
    row = {
        "profile_id": profile_id,
        "channel_id": channel_id,
        "kind": kind,
        "target": checked,
        "salt": salt,
        "created_at": at,
    }
    tx.run(insert(alert_channels).values(row))
    return _noted(tx, find(tx, profile_id, channel_id), "channel-added", at)


def listing(tx: Transaction, profile_id: UUID) -> list[Channel]:
    """The channels of the profile, stopped ones too, the oldest first."""
    own = select(alert_channels).where(C.profile_id == profile_id, C.removed_at.is_(None))
    return [_channel(row) for row in tx.rows(own.order_by(C.created_at, C.channel_id))]


def find(tx: Transaction, profile_id: UUID, channel_id: UUID, removed: bool = False) -> Channel:
    """One channel of the profile; raises NotFound."""
    own = [C.profile_id == profile_id, C.channel_id == channel_id]
    row = tx.first(select(alert_channels).where(*own, *([] if removed else [C.removed_at.is_(None)])))
    if row is None:
        raise NotFound("There is no such way for alerts.")
    return _channel(row)


def remove(tx: Transaction, profile_id: UUID, channel_id: UUID, at: datetime) -> Channel:
    """Sends nothing there any more; returns what it was. Raises NotFound."""
    was = find(tx, profile_id, channel_id)
    _set(tx, was, removed_at=at)
    give_up(tx, was, at)
    return _noted(tx, was, "channel-removed", at)


def restore(tx: Transaction, profile_id: UUID, channel_id: UUID) -> Channel:
    """Takes `remove` back; its secret is the same. Raises NotFound, and Conflict when it was added anew."""
    was = find(tx, profile_id, channel_id, removed=True)
    _require_new(tx, profile_id, was.kind, was.target)
    _set(tx, was, removed_at=None)
    return _noted(tx, was, "channel-restored")


def stop(tx: Transaction, channel: Channel, problem: str, at: datetime) -> None:
    """Sends nothing there until somebody starts it again."""
    _set(tx, channel, stopped_at=at, problem=problem)
    give_up(tx, channel, at)


def start(tx: Transaction, profile_id: UUID, channel_id: UUID) -> Channel:
    """Sends there again. Raises NotFound."""
    _set(tx, find(tx, profile_id, channel_id), stopped_at=None, problem=None)
    return _noted(tx, find(tx, profile_id, channel_id), "channel-started")


def renew(tx: Transaction, profile_id: UUID, channel_id: UUID) -> Channel:
    """Gives a webhook another secret; the old one signs nothing any more. Raises NotFound."""
    found = find(tx, profile_id, channel_id)
    if found.kind != WEBHOOK:
        raise NotFound("There is no secret to change.")
    _set(tx, found, salt=secrets.token_bytes(SALT))
    return _noted(tx, find(tx, profile_id, channel_id), "channel-renewed")


def give_up(tx: Transaction, channel: Channel, at: datetime) -> None:
    """What waits to be sent there will not be."""
    own = (D.profile_id == channel.profile_id, D.channel_id == channel.channel_id, D.status == "waiting")
    tx.run(update(alert_deliveries).where(*own).values(status="failed", next_at=None, finished_at=at))


def arrived_since(tx: Transaction, channel: Channel, at: datetime) -> bool:
    """Whether anything sent there has arrived since this instant."""
    own = (D.profile_id == channel.profile_id, D.channel_id == channel.channel_id)
    return bool(tx.value(select(func.count()).where(*own, D.status == "sent", D.finished_at >= at)))


def _require_new(tx: Transaction, profile_id: UUID, kind: str, target: str) -> None:
    tx.lock_profile(profile_id)
    known = listing(tx, profile_id)
    if any((each.kind, each.target) == (kind, target) for each in known):
        raise Conflict(f"Alerts go to {target} already.")
    if len(known) >= MOST:
        raise Conflict(f"A profile has {MOST} of these at most; remove one first.")


def _noted(tx: Transaction, channel: Channel, action: str, at: datetime | None = None) -> Channel:
    """The channel, told to the audit trail: of a webhook its host alone, as its path may be a secret."""
    target = channel.target if channel.kind == EMAIL else urlsplit(channel.target).hostname or ""
    subject = f"{target} ({'e-mail' if channel.kind == EMAIL else 'webhook'})"
    audit.note(tx, channel.profile_id, action, at, subject, {"channel": str(channel.channel_id)})
    return channel


def _set(tx: Transaction, channel: Channel, **values: object) -> None:
    own = (C.profile_id == channel.profile_id, C.channel_id == channel.channel_id)
    tx.run(update(alert_channels).where(*own).values(**values))


def _channel(row: RowMapping) -> Channel:
    return Channel(**{name: row[name] for name in Channel.__dataclass_fields__})
