"""Imports statements of payment services and banks: income, refunds and costs.

`import_transactions` takes positive rows as income and moves the sales of refunds forward; other
negative rows are left for `import_costs`, which takes those, and the fees of sales.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from models.clock import now
from models.database import Transaction as Tx
from models.errors import AppError
from models.ids import derived_id
from models.money import Money
from models.schema import transaction_refunds as refunds
from models.schema import transactions as stored
from models.schema.money import COST_CATEGORIES
from models.stores import Stores
from services import costs
from services.imports.account import Account, rejects
from services.imports.ledger import importing
from services.imports.statements import Rejected, Row, Statement
from services.ingest import transactions
from services.ingest.inputs import Cost, Transaction
from services.ingest.transactions import Fate
from services.profiles import Profile

_BATCH = 2_000
_FATES = {Fate.CREATED: "stored", Fate.MOVED: "moved forward", Fate.UNCHANGED: "duplicate"}
_S = stored.c

Progress = Callable[[int], None]


def import_transactions(
    stores: Stores,
    profile: Profile,
    path: Path,
    statement: Statement,
    kind: str = "booking",
    progress: Progress = lambda rows: None,
) -> Account:
    """Stores the income of a statement as transactions of one `kind`.

    Every row ends up stored, duplicate, moved forward, left for costs or rejected. Running it again
    doubles nothing.
    """
    account = Account(notes=list(statement.layout.notes))
    with (
        rejects(account, path) as rejected,
        importing(
            stores, profile, "transactions", path.name, _layout(statement), account.places
        ) as import_id,
    ):
        account.import_id = import_id
        batch: list[Transaction] = []
        given_back: list[tuple[Row, UUID]] = []
        for row, key in _keyed(statement, profile):
            if isinstance(row, Rejected):
                rejected.add(row)
            elif row.amount < 0 and not row.is_refund:
                account.places["left for costs"] += 1
            elif row.is_refund:
                # Their sales may stand further down: exports often begin with the newest row.
                given_back.append((row, key))
            else:
                sale = _checked(row, lambda row=row, key=key: _sale(profile, row, key, kind))
                if isinstance(sale, Rejected):
                    rejected.add(sale)
                else:
                    batch.append(sale)
            if len(batch) == _BATCH:
                _record(stores, profile, batch, import_id, account)
                progress(account.lines)
                batch = []
        _record(stores, profile, batch, import_id, account)
        for row, key in given_back:
            fate = _refund(stores, profile, row, key, kind, import_id)
            if isinstance(fate, Rejected):
                rejected.add(fate)
            else:
                account.places[_FATES[fate]] += 1
        progress(account.lines)
    return account


def import_costs(
    stores: Stores,
    profile: Profile,
    path: Path,
    statement: Statement,
    category: str = "tools",
    progress: Progress = lambda rows: None,
) -> Account:
    """Stores the costs of a statement: its negative rows but for refunds, and the fees of its sales
    (as platform fees). Where no row is negative and there are no fees, every amount is a cost.

    `category` is for rows whose own is none of the product's. Running it again doubles nothing.
    """
    account = Account(notes=list(statement.layout.notes))
    list_of_costs = _is_list_of_costs(statement)
    with (
        rejects(account, path) as rejected,
        importing(stores, profile, "costs", path.name, _layout(statement), account.places) as import_id,
    ):
        account.import_id = import_id
        batch: list[Cost] = []
        for row, key in _keyed(statement, profile):
            if isinstance(row, Rejected):
                rejected.add(row)
                continue
            cost = _checked(row, lambda row=row, key=key: _cost(profile, row, key, category, list_of_costs))
            if cost is None:
                account.places["income, left for transactions"] += 1
            elif isinstance(cost, Rejected):
                rejected.add(cost)
            else:
                batch.append(cost)
            if len(batch) == _BATCH:
                _spend(stores, profile, batch, import_id, account)
                progress(account.lines)
                batch = []
        _spend(stores, profile, batch, import_id, account)
        progress(account.lines)
    if list_of_costs:
        account.notes.append("No row is negative and there are no fees, so every amount is a cost.")
    return account


def _keyed(statement: Statement, profile: Profile) -> Iterator[tuple[Row | Rejected, UUID]]:
    """The rows, each with the id it has whenever the file, or one that overlaps it, is read: from what
    it says, and how often a row had said the same before."""
    seen: Counter[bytes] = Counter()
    for row in statement:
        if isinstance(row, Rejected):
            yield row, UUID(int=0)
            continue
        currency = row.currency or profile.currency
        if row.reference:
            said = ("reference", row.reference, str(row.amount), currency)
        else:
            said = (
                str(row.at or row.date),
                str(row.amount),
                currency,
                row.description,
                row.counterparty or "",
            )
        digest = blake2b("\x1f".join(said).encode("utf-8", "replace"), digest_size=8).digest()
        yield row, derived_id("statement", *said, str(seen[digest]))
        seen[digest] += 1


def _checked(row: Row, make: Callable[[], Any]) -> Any:
    """What `make` makes of the row, or why the row can't be taken."""
    try:
        return make()
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        return _reject(
            row, f"{'/'.join(map(str, found['loc']))}: {found['msg'].removeprefix('Value error, ')}"
        )
    except AppError as error:
        return _reject(row, str(error))


def _reject(row: Row, reason: str) -> Rejected:
    return Rejected(row.line, reason, f"{row.date} {row.amount} {row.currency or ''} {row.description}")


def _sale(profile: Profile, row: Row, key: UUID, kind: str) -> Transaction:
    currency = row.currency or profile.currency
    Money.of(row.amount, currency)
    refunded = row.refunded if row.refunded else None
    return Transaction(
        id=key,
        profile_id=profile.profile_id,
        transaction_type=kind,
        amount=row.amount,
        currency=currency,
        status="pending" if row.status == "pending" else "refunded" if refunded else "completed",
        transaction_date=_moment(profile, row),
        refunded_amount=refunded,
        counterparty_id=_cut(row.counterparty),
        country=row.country,
        item_name=_cut(row.description),
        category=_cut(row.category),
        external_id=_cut(row.reference),
    )


def _cost(profile: Profile, row: Row, key: UUID, category: str, list_of_costs: bool) -> Cost | None:
    """The cost that a row is, or holds as a fee; None when it is income without one."""
    currency = row.currency or profile.currency
    spent, what, of = None, row.description or row.kind or "Imported", _category(row.category) or category
    if list_of_costs and row.amount > 0:
        spent = row.amount
    elif row.amount < 0 and not row.is_refund:
        spent = -row.amount
    elif row.fee:
        spent, what, of = abs(row.fee), f"Fee: {what}", "platform_fees"
    if not spent:
        return None
    Money.of(spent, currency)
    return Cost(
        id=key,
        profile_id=profile.profile_id,
        category=of,
        description=what[:500],
        amount=spent,
        currency=currency,
        expense_date=row.date,
    )


def _category(text: str | None) -> str | None:
    plain = (text or "").strip().lower().replace(" ", "_")
    return plain if plain in COST_CATEGORIES else None


def _moment(profile: Profile, row: Row) -> datetime | date:
    if row.at is None:
        return row.date
    return (row.at if row.at.tzinfo else row.at.replace(tzinfo=profile.tz)).astimezone(UTC)


def _cut(text: str | None) -> str | None:
    return text.strip()[:200] or None if text else None


def _record(
    stores: Stores, profile: Profile, batch: Sequence[Transaction], import_id: UUID, account: Account
) -> None:
    if not batch:
        return
    with stores.database.transaction() as tx:
        outcome = transactions.record(tx, profile, batch, now(), import_id)
    for fate, place in _FATES.items():
        account.places[place] += outcome.count(fate)


def _spend(
    stores: Stores, profile: Profile, batch: Sequence[Cost], import_id: UUID, account: Account
) -> None:
    if not batch:
        return
    with stores.database.transaction() as tx:
        added = costs.record(tx, profile, batch, now(), import_id)
    account.places["stored"] += len(added)
    account.places["duplicate"] += len(batch) - len(added)


def _refund(
    stores: Stores, profile: Profile, row: Row, key: UUID, kind: str, import_id: UUID
) -> Fate | Rejected:
    """Moves the sale of a refund forward: the one it names, else the last one before it of the same
    payer (or with the same text) of which enough is left."""
    with stores.database.transaction() as tx:
        sale = _sale_of(tx, profile, row, kind, str(key))
        if sale is None:
            return _reject(row, "It is a refund, and its sale is not known. Import the sale first.")
        return _checked(  # type: ignore[no-any-return]
            row,
            lambda: transactions.refund(
                tx, profile, sale, -row.amount, _moment(profile, row), str(key), now(), import_id
            ),
        )


def _sale_of(tx: Tx, profile: Profile, row: Row, kind: str, reference: str) -> UUID | None:
    currency = row.currency or profile.currency
    own = (_S.profile_id == profile.profile_id) & (_S.currency == currency) & (_S.status != "pending")
    by_name = own & (_S.transaction_type == kind) & (_S.local_date <= row.date)
    enough = _S.amount - _S.refunded_amount >= -row.amount
    names = [name for name in (row.refers_to, row.reference) if name]
    ways = []
    if names:
        ways.append(own & _S.external_id.in_(names))
    if row.counterparty:
        ways.append(by_name & (_S.counterparty_id == row.counterparty[:200]))
    if row.description:
        ways.append(by_name & (_S.item_name == row.description[:200]))
    known = tx.value(
        select(refunds.c.transaction_id).where(
            refunds.c.profile_id == profile.profile_id, refunds.c.reference == reference
        )
    )
    if known is not None:
        return known
    for way in ways:
        found: UUID | None = tx.value(
            select(_S.id).where(way, enough).order_by(_S.transaction_date.desc(), _S.id).limit(1)
        )
        if found is not None:
            return found
    return None


def _is_list_of_costs(statement: Statement) -> bool:
    return not any(isinstance(row, Row) and (row.amount < 0 or row.fee) for row in statement)


def _layout(statement: Statement) -> dict[str, Any]:
    layout = statement.layout
    return {"encoding": layout.encoding, "delimiter": layout.delimiter, "mapping": dict(layout.mapping)}
