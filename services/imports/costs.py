"""Imports costs: the negative rows of statements, the fees of their sales, and plain lists of costs."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from uuid import UUID

from models.clock import now
from models.money import Money
from models.schema.money import COST_CATEGORIES
from models.stores import Stores
from services import costs as door
from services.imports.account import Account, Rejects
from services.imports.booking import Batches, Progress, booking, checked, reject, transactions_of
from services.imports.statements import Rejected, Row, Statement
from services.ingest.inputs import Cost
from services.profiles import Profile

INCOME = "income, left for transactions"


def import_costs(
    stores: Stores,
    profile: Profile,
    path: Path,
    statement: Statement,
    category: str = "tools",
    progress: Progress = lambda rows: None,
) -> Account:
    """Stores the negative rows of a statement, but for refunds, and the fees of its sales (as platform
    fees). Where no row is negative and there are no fees, it is a list of costs: every amount is one.

    `category` is for rows that name none of the product's. Every row ends up in one place of the
    account, and running it again doubles nothing.
    """
    account = Account()
    with booking(stores, profile, "costs", path, statement, account) as (import_id, rejected):

        def store(batch: list[Cost]) -> None:
            with stores.database.transaction() as tx:
                added = door.record(tx, profile, batch, now(), import_id)
            account.places["stored"] += len(added)
            account.places["duplicate"] += len(batch) - len(added)
            progress(account.lines)

        spent = Batches(store)
        for cost in costs_of(profile, statement, category, account, rejected):
            spent.add(cost)
        spent.flush()
        progress(account.lines)
    return account


def costs_of(
    profile: Profile, statement: Statement, category: str, account: Account, rejected: Rejects
) -> Iterator[Cost]:
    """The costs that a statement holds; each other row finds its place in the account or among the
    rejected."""
    is_list = not any(isinstance(row, Row) and ((row.amount or 0) < 0 or row.fee) for row in statement)
    if is_list:
        account.notes.append("No row is negative and there are no fees, so every amount is a cost.")
    # Where fees stand as rows of their own, the column says the same once more.
    fees = not statement.layout.fees_are_rows
    for row, key in transactions_of(statement, account, rejected):
        cost = checked(row, partial(_cost, profile, row, key, category, is_list, fees))
        if cost is None:
            account.places[INCOME] += 1
        elif isinstance(cost, Rejected):
            rejected.add(cost)
        else:
            yield cost


def _cost(
    profile: Profile, row: Row, key: UUID, category: str, is_list: bool, fees: bool
) -> Cost | Rejected | None:
    """The cost that a row is, or holds as a fee; None when it is income without one."""
    assert row.amount is not None
    what = row.description or row.kind or "Imported"
    fee = max(row.fee or Decimal(0), Decimal(0)) if fees else Decimal(0)
    amount, of = Decimal(0), _named(row.category) or category
    if is_list:
        amount = row.amount
    elif row.amount < 0 and not row.is_refund:
        amount = -row.amount + fee
    elif fee:
        amount, of, what = fee, "platform_fees", f"Fee: {what}"
    if not amount:
        return None
    if row.date is None or row.status == "pending":
        return reject(row, "It is pending. Import it again when it is booked.")
    Money.of(amount, row.currency)
    return Cost(
        id=key,
        profile_id=profile.profile_id,
        category=of,
        description=what[:500],
        amount=amount,
        currency=row.currency,
        expense_date=row.date,
    )


def _named(text: str | None) -> str | None:
    """The category of ours that a text names."""
    plain = (text or "").strip().lower().replace(" ", "_")
    return plain if plain in COST_CATEGORIES else None
