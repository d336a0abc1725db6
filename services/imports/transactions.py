"""Imports the income of statements: positive rows, and refunds that move their sales forward."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, select

from models.clock import now
from models.database import Transaction as Tx
from models.money import Money
from models.schema import transaction_refunds, transactions
from models.stores import Stores
from services.imports.account import Account, Rejects
from services.imports.booking import (
    Batches,
    Progress,
    booking,
    checked,
    cut,
    moment,
    reject,
    transactions_of,
)
from services.imports.statements import Rejected, Row, Statement
from services.ingest import transactions as door
from services.ingest.inputs import Transaction
from services.ingest.transactions import Fate
from services.profiles import Profile

_PLACES = {Fate.CREATED: "stored", Fate.MOVED: "moved forward", Fate.UNCHANGED: "duplicate"}
COSTS = "left for costs"
T, R = transactions.c, transaction_refunds.c


def import_transactions(
    stores: Stores,
    profile: Profile,
    path: Path,
    statement: Statement,
    kind: str = "booking",
    progress: Progress = lambda rows: None,
) -> Account:
    """Stores the income of a statement as transactions of one `kind`.

    Rows marked as refunds move their sale forward; other negative rows are left for costs. Every row
    ends up in one place of the account, and running it again doubles nothing.
    """
    account = Account()
    refunds: list[tuple[Row, UUID]] = []
    with booking(stores, profile, "transactions", path, statement, account) as (import_id, rejected):

        def store(batch: list[Transaction]) -> None:
            with stores.database.transaction() as tx:
                outcome = door.record(tx, profile, batch, now(), import_id)
            for fate, place in _PLACES.items():
                account.places[place] += outcome.count(fate)
            progress(account.lines)

        sales = Batches(store)
        for sale in sales_of(profile, statement, kind, account, rejected, refunds.append):
            sales.add(sale)
        sales.flush()
        for row, key in refunds:
            fate = _refund(stores, profile, row, key, kind, import_id)
            if isinstance(fate, Rejected):
                rejected.add(fate)
            else:
                account.places["duplicate" if fate is Fate.UNCHANGED else "refund of a sale"] += 1
            progress(account.lines)
        progress(account.lines)
    return account


def sales_of(
    profile: Profile,
    statement: Statement,
    kind: str,
    account: Account,
    rejected: Rejects,
    refund: Callable[[tuple[Row, UUID]], None],
) -> Iterator[Transaction]:
    """The sales that a statement holds. Its refunds are handed to `refund`, each with its id; every other
    row finds its place in the account or among the rejected."""
    for row, key in transactions_of(statement, account, rejected):
        if row.is_refund:
            # Their sales may stand further down: exports often begin with the newest row.
            refund((row, key))
        elif row.amount is not None and row.amount < 0:
            account.places[COSTS] += 1
        else:
            sale = checked(row, partial(_sale, profile, row, key, kind))
            if isinstance(sale, Rejected):
                rejected.add(sale)
            else:
                yield sale


def _sale(profile: Profile, row: Row, key: UUID, kind: str) -> Transaction | Rejected:
    if row.date is None:
        return reject(row, "It has no date yet. Import it again when it is booked.")
    assert row.amount is not None
    Money.of(row.amount, row.currency)
    refunded = row.refunded or None
    return Transaction(
        id=key,
        profile_id=profile.profile_id,
        transaction_type=kind,
        amount=row.amount,
        currency=row.currency,
        status="pending" if row.status == "pending" else "refunded" if refunded else "completed",
        transaction_date=moment(profile, row),
        refunded_amount=refunded,
        counterparty_id=cut(row.counterparty),
        country=row.country,
        item_name=cut(row.description),
        category=cut(row.category),
        external_id=cut(row.reference),
    )


def _refund(
    stores: Stores, profile: Profile, row: Row, key: UUID, kind: str, import_id: UUID
) -> Fate | Rejected:
    with stores.database.transaction() as tx:
        sale = _sale_of(tx, profile, row, kind, str(key))
        if sale is None:
            return reject(row, "It is a refund, and its sale is not known. Import the sale first.")
        amount = None if row.amount is None else abs(row.amount)
        when = None if row.date is None else moment(profile, row)
        return checked(row, lambda: door.refund(tx, profile, sale, amount, when, str(key), now(), import_id))


def _sale_of(tx: Tx, profile: Profile, row: Row, kind: str, reference: str) -> UUID | None:
    """The sale that was given back: the one this refund was booked on before, the one it names, or the
    last one before it with the same payer or the same text, of which enough is left."""
    booked: UUID | None = tx.value(
        select(R.transaction_id).where(R.profile_id == profile.profile_id, R.reference == reference)
    )
    if booked is not None:
        return booked
    sold = (T.profile_id == profile.profile_id) & (T.currency == row.currency) & (T.status != "pending")
    left = T.amount - T.refunded_amount >= abs(row.amount or 0)
    before = sold & (T.transaction_type == kind) & (T.local_date <= row.date)
    ways: list[ColumnElement[bool]] = []
    if named := [name for name in (cut(row.refers_to), cut(row.reference)) if name]:
        ways.append(sold & T.external_id.in_(named))
    if row.counterparty:
        ways.append(before & (T.counterparty_id == cut(row.counterparty)))
    if row.description:
        ways.append(before & (T.item_name == cut(row.description)))
    for way in ways:
        newest = select(T.id).where(way, left).order_by(T.transaction_date.desc(), T.id).limit(1)
        found: UUID | None = tx.value(newest)
        if found is not None:
            return found
    return None
