"""The demo's subscribers whose next month is due, so that those of its history stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from models.database import Transaction
from models.money import rounded
from models.schema import transactions
from services.demo.rhythm import chances
from services.demo.sales import LEAVING, Subscriber, month_later

T = transactions.c
_LAPSED = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A month of a subscription that was to be paid on the day `due` (UTC)."""

    subscriber: Subscriber
    due: date


def due(tx: Transaction, profile_id: UUID, at: datetime) -> Iterator[Renewal]:
    """The renewals that are due at this instant, the longest overdue first. Some subscribers leave, and
    whose last charge is too long ago has left already."""
    last = (
        select(
            T.item_id,
            T.counterparty_id,
            T.counterparty_country,
            T.item_name,
            T.amount,
            T.currency,
            T.transaction_date,
        )
        .ext(distinct_on(T.item_id, T.counterparty_id))
        .where(
            T.profile_id == profile_id,
            T.transaction_type == "subscription",
            T.transaction_date > at - _LAPSED,
            T.item_id.is_not(None),
            T.counterparty_id.is_not(None),
        )
        .order_by(T.item_id, T.counterparty_id, T.transaction_date.desc())
        .subquery()
    )
    for row in tx.rows(select(last).order_by(last.c.transaction_date)):
        renewed = month_later(row["transaction_date"])
        if renewed > at:
            continue
        subscriber = Subscriber(
            row["item_id"],
            row["counterparty_id"],
            row["counterparty_country"],
            row["item_name"],
            rounded(row["amount"], row["currency"]),
        )
        stays = chances("leaving", str(profile_id), row["item_id"], renewed.isoformat()).random() >= LEAVING
        if stays:
            yield Renewal(subscriber, renewed.date())
