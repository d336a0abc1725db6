"""Second thoughts on transactions: taking an import back, and converting what had no rate yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, delete, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction as Tx
from models.schema import transaction_refunds, transactions
from services import profiles, rates
from services.ingest.transactions import part_of
from services.profiles import Profile
from services.rollups import money

T, R = transactions.c, transaction_refunds.c


def remove_import(tx: Tx, profile: Profile, import_id: UUID, at: datetime) -> int:
    """Takes back the import's transactions, and its refunds of other sales, which are then no
    longer refunded. Returns how many transactions and refunds there were."""
    profile = profiles.locked(tx, profile.profile_id)
    own = T.profile_id == profile.profile_id
    refunded_by_it = select(R.transaction_id).where(
        R.profile_id == profile.profile_id, R.import_id == import_id
    )
    touched = [
        row["id"]
        for row in tx.rows(select(T.id).where(own, or_(T.import_id == import_id, T.id.in_(refunded_by_it))))
    ]
    if not touched:
        return 0
    these = own & (T.id == any_(literal(touched, ARRAY(Uuid))))
    money.add(tx, these, at, sign=-1)
    removed = tx.run(delete(transactions).where(these, T.import_id == import_id))
    removed += tx.run(
        delete(transaction_refunds).where(
            R.profile_id == profile.profile_id,
            R.import_id == import_id,
            R.transaction_id.in_(select(T.id).where(these)),
        )
    )
    for sale in tx.rows(select(transactions).where(these)):
        _number_again(tx, profile, dict(sale), at)
    money.add(tx, these, at)
    return removed


def convert(tx: Tx, profile: Profile, at: datetime) -> int:
    """Converts the transactions that had no rate when they came and have one now; returns how many."""
    profile = profiles.locked(tx, profile.profile_id)
    waiting = tx.rows(
        select(transactions).where(T.profile_id == profile.profile_id, T.reporting_amount.is_(None))
    )
    found = rates.needed(tx, {(row["currency"], row["local_date"]) for row in waiting}, profile.currency)
    converted = 0
    for row in waiting:
        rate = found.find(row["currency"], profile.currency, row["local_date"])
        if rate is None:
            continue
        this = (T.profile_id == profile.profile_id) & (T.id == row["id"])
        money.add(tx, this, at, sign=-1)
        sale: dict[str, Any] = dict(row) | {
            "reporting_amount": rates.converted(row["share_amount"], rate, profile.currency),
            "reporting_partner": rates.converted(row["amount"] - row["share_amount"], rate, profile.currency),
            "rate": rate.value,
            "rate_date": rate.day,
        }
        tx.run(update(transactions).where(this).values(sale))
        _number_again(tx, profile, sale, at)
        money.add(tx, this, at)
        converted += 1
    return converted


def _number_again(tx: Tx, profile: Profile, sale: dict[str, Any], at: datetime) -> None:
    """Counts the refunds of a sale again from the first on, and the sale's state with them."""
    these = (R.profile_id == profile.profile_id) & (R.transaction_id == sale["id"])
    parts = [
        dict(row) for row in tx.rows(select(transaction_refunds).where(these).order_by(R.refunded_before))
    ]
    tx.run(delete(transaction_refunds).where(these))
    refunded = sale["amount"] - sale["amount"]
    for part in parts:
        part |= {
            "refunded_before": refunded,
            "reporting_amount": part_of(
                sale["reporting_amount"], refunded, part["amount"], sale["amount"], profile.currency
            ),
            "reporting_partner": part_of(
                sale["reporting_partner"], refunded, part["amount"], sale["amount"], profile.currency
            ),
        }
        refunded += part["amount"]
    tx.insert_new(transaction_refunds, parts)
    # A sale of nothing can be refunded too; it has no parts, and stays as it is.
    status = (
        sale["status"]
        if sale["status"] == "pending" or not sale["amount"]
        else "refunded"
        if parts
        else "completed"
    )
    tx.run(
        update(transactions)
        .where(T.profile_id == profile.profile_id, T.id == sale["id"])
        .values(
            status=status,
            refunded_amount=refunded,
            refunded_at=parts[-1]["refunded_at"] if parts else None,
            updated_at=at,
        )
    )
