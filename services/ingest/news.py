"""What is told live of the transactions that came in, once they are stored."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from models.database import Transaction
from models.ids import derived_id
from services.ingest.state import Part, State
from services.live.message import Message, refund, sale
from services.live.outbox import announce, is_live, touch


def tell_of(
    tx: Transaction, before: Mapping[UUID, State], states: Mapping[UUID, State], received_at: datetime
) -> None:
    """Tells of the sales that are news, and of what was given back. What is known as it is is told again:
    whoever stored it may have died before it was told."""
    for key, state in states.items():
        known = before.get(key)
        was_sold = known is not None and known.row["status"] != "pending"
        if state.row["status"] == "pending":
            touch(tx, state.row["profile_id"])
        elif not was_sold or state == known:
            _tell(tx, sale(state.row), state.row["transaction_date"], received_at)
        for part in state.parts[len(known.parts) if known and state != known else 0 :]:
            tell_of_refund(tx, state, part, received_at)


def tell_of_refund(tx: Transaction, state: State, part: Part, received_at: datetime) -> None:
    """Tells that `part` of the sale was given back."""
    # As it was asked for it is 5, as it is stored 5.0000: one id.
    own = derived_id("refund", str(state.row["id"]), f"{part.before.normalize():f}")
    message = refund(state.row, _uuid(part.reference) or own, part.amount, part.at)
    _tell(tx, message, part.at, received_at)


def _tell(tx: Transaction, message: Message, at: datetime, received_at: datetime) -> None:
    if is_live(at, received_at):
        announce(tx, message)
    else:
        touch(tx, message.profile_id)


def _uuid(reference: str | None) -> UUID | None:
    """The id of the domain event that told of a refund, where one did."""
    try:
        return UUID(reference or "")
    except ValueError:
        return None
