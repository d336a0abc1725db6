"""Second thoughts on transactions: taking an import, an entry or a refund back, completing what is pending
and making it pending again, and converting what had no rate yet."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Uuid, any_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction as Tx
from models.errors import Conflict, NotFound
from models.schema import transaction_refunds, transactions
from services import profiles, rates
from services.ingest.inputs import Moment, Transaction
from services.ingest.transactions import converted, part_of, record, refund, trace
from services.profiles import Profile
from services.rollups import money

T, R = transactions.c, transaction_refunds.c
MANUAL: Mapping[str, str] = {"entry": "manual"}
"""The metadata of what was entered by hand."""
BY_HAND: ColumnElement[bool] = T.import_id.is_(None) & (
    func.coalesce(T.metadata["entry"].astext, "") == MANUAL["entry"]
)
"""What was entered by hand can be deleted; what a platform or a file told can't, or it would come back."""


class Part(BaseModel):
    """A refund of what was removed."""

    amount: Decimal
    at: Moment
    reference: str


class Removed(BaseModel):
    """What was removed, for taking that back: the sale as it was before its refunds, and these in order."""

    sale: Transaction
    refunds: tuple[Part, ...] = ()


def remove(tx: Tx, profile: Profile, transaction_id: UUID, at: datetime) -> Removed:
    """Deletes a transaction that was entered by hand, with its refunds, and returns what it was.

    Raises NotFound, and Conflict when it came from elsewhere.
    """
    profile, this, row = _locked(tx, profile, transaction_id)
    if not row["by_hand"]:
        raise Conflict("Only what was entered by hand can be deleted; refund this one instead.")
    own = (R.profile_id == profile.profile_id) & (R.transaction_id == transaction_id)
    parts = tx.rows(select(transaction_refunds).where(own).order_by(R.refunded_before))
    money.add(tx, this, at, sign=-1)
    tx.run(delete(transactions).where(this))
    trace(tx, "transaction-removed", row, at)
    return Removed(
        sale=Transaction(
            **{name: row[name] for name in _AS_GIVEN},
            status="pending" if row["status"] == "pending" else "completed",
            transaction_date=row["local_date"] if row["date_only"] else row["transaction_date"],
            country=row["counterparty_country"],
            interval=row["billing_interval"],
        ),
        refunds=tuple(
            Part(
                amount=part["amount"],
                at=part["local_date"] if part["date_only"] else part["refunded_at"],
                reference=part["reference"] or f"part {number}",
            )
            for number, part in enumerate(parts)
        ),
    )


_AS_GIVEN = (
    "id", "profile_id", "transaction_type", "amount", "currency", "split", "partner_id", "counterparty_id",
    "item_id", "item_name", "category", "external_id", "metadata",
)  # fmt: skip


def restore(tx: Tx, profile: Profile, removed: Removed, at: datetime) -> None:
    """Takes a removal back. Raises InvalidInput when it can't be what was removed."""
    (sale_id,) = record(tx, profile, [removed.sale], at, pointer="").ids
    for part in removed.refunds:
        refund(tx, profile, sale_id, part.amount, part.at, part.reference, at)
    _, _, row = _locked(tx, profile, sale_id)
    trace(tx, "transaction-restored", row, at)


def complete(tx: Tx, profile: Profile, transaction_id: UUID, at: datetime) -> None:
    """Completes a pending transaction by hand, on its own day.

    Raises NotFound, and Conflict when it is not pending.
    """
    profile, this, row = _locked(tx, profile, transaction_id)
    if row["status"] != "pending":
        raise Conflict("This one is completed already.")
    names = ("id", "profile_id", "transaction_type", "amount", "currency")
    record(tx, profile, [Transaction(**{name: row[name] for name in names}, status="completed")], at)
    tx.run(update(transactions).where(this).values(metadata=row["metadata"] | _COMPLETED))
    trace(tx, "transaction-completed", row | {"status": "completed"}, at)


def reopen(tx: Tx, profile: Profile, transaction_id: UUID, at: datetime) -> None:
    """Takes `complete` back: the transaction is pending again.

    Raises NotFound, and Conflict when it was not completed by hand or has been refunded since.
    """
    profile, this, row = _locked(tx, profile, transaction_id)
    metadata = dict(row["metadata"])
    if row["status"] != "completed" or metadata.pop("completion", None) != _COMPLETED["completion"]:
        raise Conflict("Only what was completed by hand, and not refunded since, can be pending again.")
    money.add(tx, this, at, sign=-1)
    tx.run(update(transactions).where(this).values(status="pending", metadata=metadata, updated_at=at))
    money.add(tx, this, at)
    trace(tx, "transaction-reopened", row | {"status": "pending"}, at)


_COMPLETED = {"completion": "manual"}
"""The metadata of what was completed by hand."""


def take_refund_back(tx: Tx, profile: Profile, transaction_id: UUID, reference: str, at: datetime) -> None:
    """Undoes the refund of that reference. Raises NotFound when there is none, or no such transaction."""
    profile, this, sale = _locked(tx, profile, transaction_id)
    own = (R.profile_id == profile.profile_id) & (R.transaction_id == transaction_id)
    this_part = own & (R.reference == reference)
    if tx.first(select(R.reference).where(this_part)) is None:
        raise NotFound("There is no such refund.")
    money.add(tx, this, at, sign=-1)
    tx.run(delete(transaction_refunds).where(this_part))
    _number_again(tx, profile, sale, at)
    money.add(tx, this, at)
    trace(tx, "refund-removed", sale, at, reference=reference)


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
    done = 0
    for row in waiting:
        sale = dict[str, Any](row)
        sale |= converted(sale, profile.currency, found)
        if sale["reporting_amount"] is None:
            continue
        this = _this(profile.profile_id, row["id"])
        money.add(tx, this, at, sign=-1)
        tx.run(update(transactions).where(this).values(sale))
        _number_again(tx, profile, sale, at)
        money.add(tx, this, at)
        done += 1
    return done


def _locked(
    tx: Tx, profile: Profile, transaction_id: UUID
) -> tuple[Profile, ColumnElement[bool], dict[str, Any]]:
    """The profile, of which `tx` is the only writer from now on, and its transaction: the condition that
    it alone meets, and its columns and `by_hand`. Raises NotFound."""
    profile = profiles.locked(tx, profile.profile_id)
    this = _this(profile.profile_id, transaction_id)
    row = tx.first(select(transactions, BY_HAND.label("by_hand")).where(this))
    if row is None:
        raise NotFound("There is no such transaction.")
    return profile, this, dict(row)


def _this(profile_id: UUID, transaction_id: UUID) -> ColumnElement[bool]:
    return (T.profile_id == profile_id) & (T.id == transaction_id)


def _number_again(tx: Tx, profile: Profile, sale: dict[str, Any], at: datetime) -> None:
    """Counts the refunds of a sale again from the first on, and the sale's state with them."""
    these = (R.profile_id == profile.profile_id) & (R.transaction_id == sale["id"])
    parts = [
        dict(row) for row in tx.rows(select(transaction_refunds).where(these).order_by(R.refunded_before))
    ]
    tx.run(delete(transaction_refunds).where(these))
    refunded = sale["amount"] - sale["amount"]
    for part in parts:
        part |= {"refunded_before": refunded, **part_of(sale, refunded, part["amount"], profile.currency)}
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
