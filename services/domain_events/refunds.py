"""Which sale a refund means."""

from uuid import UUID

from sqlalchemy import select

from models.database import Transaction as Tx
from models.errors import InvalidInput, NotFound
from models.schema import transaction_refunds, transactions
from services.domain_events.envelope import Refunded

T, R = transactions.c, transaction_refunds.c
_BY = {"gift_id": "gift", "booking_id": "booking", "subscription_id": "subscription"}


def sale_of(tx: Tx, event: Refunded) -> UUID:
    """The id of the sale: the one that this event was counted for before, or the one of the `id` given, or
    the only one of that gift, booking or subscription of which something is left.

    Raises NotFound when there is none, and InvalidInput when there are several or the currency is not its
    own.
    """
    told = event.data
    if told.id is not None:
        found = [told.id]
    elif counted := tx.value(
        select(R.transaction_id).where(R.profile_id == told.profile_id, R.reference == str(event.id))
    ):
        found = [counted]
    else:
        found = _open(tx, event)
    sale = tx.first(select(T.currency).where(T.profile_id == told.profile_id, T.id == found[0]))
    if sale is None:
        raise NotFound(f"There is no transaction {found[0]}; when its own event has come, retry this one.")
    if told.currency is not None and told.currency != sale["currency"]:
        raise InvalidInput.at("/data/currency", f"The sale is in {sale['currency']}, not {told.currency}.")
    return found[0]


def _open(tx: Tx, event: Refunded) -> list[UUID]:
    """The sale that is named by what was sold, if there is one that can still be refunded."""
    told = event.data
    name, kind = next((name, kind) for name, kind in _BY.items() if getattr(told, name))
    item = getattr(told, name)
    sold = tx.rows(
        select(T.id, (T.refunded_amount < T.amount).label("open"))
        .where(T.profile_id == told.profile_id, T.transaction_type == kind, T.item_id == item)
        .order_by(T.transaction_date, T.id)
    )
    left = [row["id"] for row in sold if row["open"]]
    if not sold:
        raise NotFound(f"There is no {kind} {item}; when its own event has come, retry this one.")
    if not left:
        raise InvalidInput.at("/data", f"The {kind} {item} is given back as a whole already.")
    if len(left) > 1:
        raise InvalidInput.at("/data", f"{len(left)} sales are of the {kind} {item}: give the id of one.")
    return left
