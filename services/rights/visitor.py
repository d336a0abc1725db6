"""A visitor who wants to be gone: everything that one person did on a profile is deleted.

Visitors are stored as keyed hashes alone, so somebody has to say who it is: by the platform's id, or by
address and browser. The hashes of the quarters whose keys still exist are made of that; what is older
can't be told from anybody's any more, by nobody. Payments stay, as the provider has to keep books; who
paid is replaced by a name that means nothing.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, LargeBinary, any_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction
from models.errors import InvalidInput, Unavailable
from models.schema import alert_deliveries, gov_alerts, metadata, profile_events, transactions
from models.stores import Stores
from services import audit, profiles
from services.domain_events.stream import NAME, opened
from services.ingest.inputs import checked_address
from services.ingest.visitors import visitor_key
from services.live.outbox import committing, touch
from services.rights import traces
from services.rollups import traffic

E, A, D, T = profile_events.c, gov_alerts.c, alert_deliveries.c, transactions.c
LONGEST_ID, LONGEST_AGENT = 200, 2_000
_OURS = ("entry", "completion")
"""What of a payment's metadata is this product's own, and names nobody."""


@dataclass(frozen=True)
class Person:
    """Who is meant: by the platform's `visitor_id`, by address and `user_agent` (None: it sent none), as the
    one who paid (`payer`: a donorId, clientId or subscriberId), or by several of these."""

    visitor_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    payer: str | None = None

    @classmethod
    def of(
        cls,
        visitor_id: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
        payer: str | None = None,
    ) -> "Person":
        """What somebody wrote, checked and as events are stored. Raises InvalidInput at "visitor", "ip",
        "agent" or "payer"."""
        visitor, agent, paid = (_written(given) for given in (visitor_id, user_agent, payer))
        for field, value, longest in (
            ("visitor", visitor, LONGEST_ID), ("agent", agent, LONGEST_AGENT), ("payer", paid, LONGEST_ID),
        ):  # fmt: skip
            if value and (len(value) > longest or "\x00" in value):
                raise InvalidInput.at(field, f"It has {longest} characters at most.")
        try:
            address = checked_address(ip) if _written(ip) and ip else None
        except ValueError as error:
            raise InvalidInput.at("ip", str(error)) from None
        if agent and not address:
            raise InvalidInput.at("ip", "A browser alone is nobody; give the address too.")
        if not (visitor or address or paid):
            raise InvalidInput.at(
                "visitor", "Say who it is: a visitor's id, an address and browser, or a payer."
            )
        return cls(visitor, address, agent, paid)

    def keys(self, stores: Stores, profile_id: UUID) -> list[bytes]:
        """What the visitor is stored as, in each quarter whose key there is; makes no key."""
        who = [(self.visitor_id, None, None)] if self.visitor_id else []
        if self.ip:
            who.append((None, self.ip, self.user_agent))  # type: ignore[arg-type]  # inferred from the first
        return [
            visitor_key(key, profile_id, *each) for key in stores.keys.visitors().values() for each in who
        ]

    def is_in(self, text: str) -> bool:
        """Whether the text of a message is about this person; of one that can't be read, whether it holds
        what the person is known by."""
        known_by = {value for value in (self.visitor_id, self.payer) if value}
        try:
            message = json.loads(text)
            said = set(traces.texts(message))
        except (ValueError, RecursionError):
            return any(value in text for value in {*known_by, self.ip} if value)
        if known_by & said:
            return True
        data = message.get("data") if isinstance(message, dict) else None
        agent = data.get("userAgent") if isinstance(data, dict) else None
        return bool(self.ip) and self.ip in map(_address, said) and agent == self.user_agent


@dataclass(frozen=True)
class Found:
    """What there is, or was, of a person: `events` from `first` to `last` (aware UTC, None without any),
    `alerts`, `payments` by the person, and `messages` in Redis (0 until they are deleted).

    `quarters` are those in which the visitor could be looked for ("2026q4"). `out_of_reach` events are of
    quarters whose key is gone, the newest of them at `reach_ends`: whose they are can't be known. In
    `closed_months` months no events are left at all.
    """

    events: int
    first: datetime | None
    last: datetime | None
    alerts: int
    payments: int
    quarters: tuple[str, ...]
    out_of_reach: int
    reach_ends: datetime | None
    closed_months: int
    messages: int = 0

    @property
    def is_somebody(self) -> bool:
        """Whether there is anything of the person."""
        return any((self.events, self.alerts, self.payments, self.messages))

    @property
    def counted(self) -> str:
        """How much that is: "12 events, 0 alerts, 1 payments"."""
        return f"{self.events} events, {self.alerts} alerts, {self.payments} payments"


def look(stores: Stores, profile_id: UUID, who: Person) -> Found:
    """What would be deleted. Raises NotFound without such a profile."""
    with stores.database.snapshot() as tx:
        profiles.get(tx, profile_id)
        return _found(tx, stores, profile_id, who)


def forget(stores: Stores, profile_id: UUID, who: Person, at: datetime, stream: str = NAME) -> Found:
    """Deletes the visits of a person, in one transaction with all that was counted of them, and the alerts,
    live messages and dead letters about them; payments stay, without who paid. Returns what there was.

    Raises NotFound, and Unavailable when a store is away: nothing is deleted then but messages.
    """
    try:
        with committing(stores) as tx:
            profiles.locked(tx, profile_id)
            found = _found(tx, stores, profile_id, who)
            keys = who.keys(stores, profile_id)
            gone = _delete(tx, profile_id, keys, at)
            _rename_payer(tx, profile_id, who, at)
            messages = _messages(stores, profile_id, who, keys, gone, stream)
            touch(tx, profile_id)
            there = Found(**{**vars(found), "messages": messages})
            if there.is_somebody:
                audit.note(tx, profile_id, "visitor-removed", at, there.counted)
    except RedisError as error:
        raise Unavailable("Redis is away; nothing was deleted. Try again in a moment.") from error
    return there


def _found(tx: Transaction, stores: Stores, profile_id: UUID, who: Person) -> Found:
    keys, quarters = who.keys(stores, profile_id), tuple(map(str, stores.keys.visitors()))
    theirs = _one_of(E.visitor_key, keys)
    quarter = func.to_char(func.timezone("UTC", E.received_at), 'YYYY"q"Q')
    lost = quarter.not_in(quarters)
    row: Any = tx.first(
        select(
            func.count().filter(theirs).label("events"),
            func.min(E.timestamp).filter(theirs).label("first"),
            func.max(E.timestamp).filter(theirs).label("last"),
            func.count().filter(lost).label("out_of_reach"),
            func.max(E.timestamp).filter(lost).label("reach_ends"),
        ).where(E.profile_id == profile_id)
    )
    alerts = select(func.count()).where(A.profile_id == profile_id, _one_of(A.visitor_key, keys))
    payments = select(func.count()).where(*_paid(profile_id, who))
    return Found(
        **row,
        alerts=tx.value(alerts),
        payments=tx.value(payments) if who.payer else 0,
        quarters=quarters,
        closed_months=_closed_months(tx, profile_id),
    )


def _delete(tx: Transaction, profile_id: UUID, keys: Sequence[bytes], at: datetime) -> set[str]:
    """Removes events, what was counted of them, and alerts; returns the ids of both."""
    traffic.take_away(tx, profile_id, keys, at)
    events = delete(profile_events).where(E.profile_id == profile_id, _one_of(E.visitor_key, keys))
    alerts = delete(gov_alerts).where(A.profile_id == profile_id, _one_of(A.visitor_key, keys))
    gone = {str(row["id"]) for row in tx.rows(events.returning(E.id))}
    raised = [row["id"] for row in tx.rows(alerts.returning(A.id))]
    if raised:
        tx.run(delete(alert_deliveries).where(D.profile_id == profile_id, D.alert_id.in_(raised)))
    return gone | {str(alert_id) for alert_id in raised}


def _rename_payer(tx: Transaction, profile_id: UUID, who: Person, at: datetime) -> None:
    """One new name for all payments of the person, so that they still count as one payer's."""
    if not who.payer:
        return
    ours = func.jsonb_strip_nulls(
        func.jsonb_build_object(*(part for name in _OURS for part in (name, T.metadata[name])))
    )
    named = {"counterparty_id": f"deleted-{secrets.token_hex(6)}", "metadata": ours, "updated_at": at}
    tx.run(update(transactions).where(*_paid(profile_id, who)).values(named))


def _messages(
    stores: Stores, profile_id: UUID, who: Person, keys: Sequence[bytes], gone: set[str], stream: str
) -> int:
    named = {value for value in (who.visitor_id, who.payer) if value}
    live = traces.of_live(stores, profile_id, gone, keys, named)
    with opened(stores, stream) as source:
        return live + traces.of_stream(
            source, lambda text: traces.names(text, profile_id) and who.is_in(text)
        )


def _closed_months(tx: Transaction, profile_id: UUID) -> int:
    # Where no month is ever closed there is no such table.
    closed = metadata.tables.get("closed_months")
    if closed is None:
        return 0
    return int(tx.value(select(func.count()).where(closed.c.profile_id == profile_id)))


def _paid(profile_id: UUID, who: Person) -> tuple[ColumnElement[bool], ...]:
    return T.profile_id == profile_id, T.counterparty_id == who.payer


def _one_of(column: Any, keys: Sequence[bytes]) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = column == any_(literal(list(keys), ARRAY(LargeBinary)))
    return wanted


def _written(text: str | None) -> str | None:
    return (text or "").strip() or None


def _address(text: str) -> str | None:
    try:
        return checked_address(text)
    except ValueError:
        return None
