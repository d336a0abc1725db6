"""Counts a batch of domain events: one transaction for all of them, and nothing twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.database import Transaction as Tx
from models.errors import Busy, InvalidInput, NotFound, Unavailable
from models.stores import Stores
from services import profiles
from services.domain_events.envelope import (
    BookingCompleted,
    DomainEvent,
    GiftPurchased,
    Refunded,
    Sale,
    Viewed,
)
from services.domain_events.refunds import sale_of
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.live.outbox import committing


class Fate(StrEnum):
    """What became of a domain event that was understood."""

    COUNTED = "counted"
    REPEATED = "repeated"  # its rows were there already


Outcome = Fate | Exception
"""An AppError says why the event can't be counted; Busy passes by itself; any other error is one of ours."""


def record(stores: Stores, batch: Sequence[DomainEvent], received_at: datetime) -> list[Outcome]:
    """Counts the events, and returns what became of each, in their order: those that can't be counted
    spoil nothing for the others.

    Raises Unavailable (never Busy) when a store is away; what was not committed by then counts later.
    """
    if not batch:
        return []
    try:
        return _together(stores, batch, received_at)
    except Busy as error:
        return _without(dict.fromkeys(_held(stores, batch), error), stores, batch, received_at)
    except Unavailable:
        raise
    except NotFound as error:
        if unknown := _unknown(stores, batch):
            return _without(unknown, stores, batch, received_at)
        return _in_halves(stores, batch, received_at, error)
    except Exception as error:
        return _in_halves(stores, batch, received_at, error)


def _in_halves(
    stores: Stores, batch: Sequence[DomainEvent], received_at: datetime, error: Exception
) -> list[Outcome]:
    """Some event of the batch made this error: the halves are counted each for itself, and so on until it
    stands alone."""
    if len(batch) == 1:
        return [error]
    middle = len(batch) // 2
    return [*record(stores, batch[:middle], received_at), *record(stores, batch[middle:], received_at)]


def _without(
    errors: Mapping[UUID, Exception], stores: Stores, batch: Sequence[DomainEvent], received_at: datetime
) -> list[Outcome]:
    """The events of the profiles in `errors` can't be counted for that reason; the others go on."""
    others = [event for event in batch if event.data.profile_id not in errors]
    outcome = iter(record(stores, others, received_at))
    return [errors.get(event.data.profile_id) or next(outcome) for event in batch]


def _held(stores: Stores, batch: Sequence[DomainEvent]) -> set[UUID]:
    """The profiles that another writer holds. When it has let go in the meantime, all of them: the batch
    comes again in a moment."""
    owners = {event.data.profile_id for event in batch}
    with stores.database.transaction() as tx:
        return {owner for owner in owners if tx.is_locked(owner)} or owners


def _unknown(stores: Stores, batch: Sequence[DomainEvent]) -> dict[UUID, Exception]:
    """The profiles that there are not, each with what is to be said of it."""
    owners = {event.data.profile_id for event in batch}
    known = {profile.profile_id for profile in profiles.these(stores.database, owners)}
    return {
        owner: NotFound(f"There is no profile {owner}; when there is one, retry this event.")
        for owner in owners - known
    }


def _together(stores: Stores, batch: Sequence[DomainEvent], received_at: datetime) -> list[Outcome]:
    views = [(place, event) for place, event in enumerate(batch) if isinstance(event, Viewed)]
    sales: dict[UUID, list[tuple[int, Sale]]] = {}
    for place, event in enumerate(batch):
        if isinstance(event, Sale):
            sales.setdefault(event.data.profile_id, []).append((place, event))
    outcome: dict[int, Outcome] = {}
    stores.database.ensure_partitions([event.occurred_at for _, event in views])
    with committing(stores) as tx:
        # All at once, so that no two workers wait for each other.
        tx.lock_profiles(event.data.profile_id for event in batch)
        if views:
            stored = events.store_in(tx, stores, [_view(event) for _, event in views], received_at)
            for (place, _), fate in zip(views, stored.fates, strict=True):
                outcome[place] = Fate.REPEATED if fate is events.Fate.DUPLICATE else Fate.COUNTED
        for owner, told in sales.items():
            profile = profiles.get(tx, owner)
            recorded = transactions.record(tx, profile, [_sale(event) for _, event in told], received_at)
            for (place, _), moved in zip(told, recorded.fates, strict=True):
                outcome[place] = _fate(moved)
        for place, event in enumerate(batch):
            if isinstance(event, Refunded):
                outcome[place] = _refund(tx, event, received_at)
    return [outcome[place] for place in range(len(batch))]


def _fate(moved: transactions.Fate) -> Fate:
    return Fate.REPEATED if moved is transactions.Fate.UNCHANGED else Fate.COUNTED


def _view(event: Viewed) -> Event:
    told = event.data
    return Event(
        id=event.id,
        profile_id=told.profile_id,
        event_type="view",
        timestamp=event.occurred_at,
        ip=told.ip,
        user_agent=told.user_agent,
        referrer=told.referrer,
        url=told.url,
        duration_seconds=told.duration_seconds,
        visitor_id=told.visitor_id,
        country=told.country,
        is_owner=told.is_owner,
    )


def _sale(event: Sale) -> Transaction:
    told = event.data
    shared = {
        "id": event.id,
        "profile_id": told.profile_id,
        "amount": told.amount,
        "currency": told.currency,
        "transaction_date": event.occurred_at,
    }
    if isinstance(event, GiftPurchased):
        gift = event.data
        understood = {"country"} if gift.country else set()
        donor = {name: value for name, value in (gift.donor or {}).items() if name not in understood}
        return Transaction(
            **shared,
            transaction_type="gift",
            item_id=gift.gift_id,
            item_name=gift.gift_name,
            category=gift.category,
            counterparty_id=gift.donor_id,
            country=gift.country,
            metadata={"donor": donor} if donor else {},
        )
    if isinstance(event, BookingCompleted):
        booking = event.data
        return Transaction(
            **shared,
            transaction_type="booking",
            item_id=booking.booking_id,
            counterparty_id=booking.client_id,
            partner_id=booking.partner_id,
            split=booking.split,
        )
    charge = event.data
    return Transaction(
        **shared,
        transaction_type="subscription",
        item_id=charge.subscription_id,
        counterparty_id=charge.subscriber_id,
        interval=charge.interval,
    )


def _refund(tx: Tx, event: Refunded, received_at: datetime) -> Outcome:
    """One that can't be, or not yet, has written nothing, and leaves the transaction to the others."""
    told = event.data
    profile = profiles.get(tx, told.profile_id)
    try:
        sale = sale_of(tx, event)
        moved = transactions.refund(
            tx, profile, sale, told.amount, event.occurred_at, str(event.id), received_at
        )
    except (NotFound, InvalidInput) as error:
        return error
    return _fate(moved)
