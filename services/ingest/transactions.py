"""The one door in for money earned: REST, domain events, CSV imports and the demo.

A transaction that is known may only move forward (pending -> completed -> refunded, in part or
whole); what would move it back is stale and changes nothing. The rollups take the difference: what
the changed rows counted for is taken away before and added again after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction as Tx
from models.errors import InvalidInput, NotFound, Problem
from models.ids import new_id
from models.money import Money, rounded
from models.period import midnight
from models.schema import transaction_refunds, transactions
from services import audit, profiles, rates
from services.ingest.inputs import FIRST_YEAR, LAST_YEAR, Transaction
from services.ingest.news import tell_of, tell_of_refund
from services.ingest.state import Part, State
from services.live.outbox import touch
from services.profiles import Profile
from services.rollups import money

T, R = transactions.c, transaction_refunds.c
_ORDER = {"pending": 0, "completed": 1, "refunded": 2}


class Fate(StrEnum):
    """What became of a transaction."""

    CREATED = "created"
    MOVED = "moved"
    UNCHANGED = "unchanged"


_TRACED = {Fate.CREATED: "added", Fate.MOVED: "changed"}


@dataclass(frozen=True)
class Outcome:
    """`ids` and `fates` in the order of the batch."""

    ids: tuple[UUID, ...]
    fates: tuple[Fate, ...]

    def count(self, fate: Fate) -> int:
        return self.fates.count(fate)


def record(
    tx: Tx,
    profile: Profile,
    batch: Sequence[Transaction],
    received_at: datetime,
    import_id: UUID | None = None,
    pointer: str = "/transactions/{}",
    traced: bool = False,
) -> Outcome:
    """Records transactions of one profile: all of them, or InvalidInput that names each bad one
    (at `pointer` with its index).

    What somebody enters or moves one by one is `traced`: the audit trail tells of it.
    In a transaction of `live.outbox.committing` it is told live after the commit. An import is history,
    of which nobody is told one by one.
    """
    profile = profiles.locked(tx, profile.profile_id)
    states = _known(tx, profile.profile_id, [item.id for item in batch if item.id])
    before = dict(states)
    fates, ids, problems = [], [], []
    for index, item in enumerate(batch):
        try:
            key = item.id or new_id()
            state = states.get(key)
            moved = (
                _moved(profile, state, item, received_at) if state else _new(profile, key, item, received_at)
            )
        except InvalidInput as error:
            at = pointer.format(index)
            problems += [Problem(at + problem.pointer, problem.detail) for problem in error.problems]
            continue
        ids.append(key)
        fates.append(Fate.CREATED if state is None else Fate.MOVED if moved != state else Fate.UNCHANGED)
        states[key] = moved
    if problems:
        many = f"{len(problems)} of {len(batch)} transactions can't be taken; nothing was stored."
        raise InvalidInput(problems[0].detail if len(batch) == 1 else many, tuple(problems))
    changed = {key: state for key, state in states.items() if before.get(key) != state}
    _write(tx, profile, before, changed, received_at, import_id)
    if import_id is None:
        tell_of(tx, before, {key: states[key] for key in ids}, received_at)
    elif changed:
        touch(tx, profile.profile_id)
    if traced:
        for key, fate in zip(ids, fates, strict=True):
            if fate is not Fate.UNCHANGED:
                trace(tx, f"transaction-{_TRACED[fate]}", states[key].row, received_at)
    return Outcome(tuple(ids), tuple(fates))


def trace(tx: Tx, action: str, row: Mapping[str, Any], at: datetime, **told: Any) -> None:
    """Tells the audit trail of a change of this transaction."""
    what = row["item_name"] or row["category"] or row["external_id"]
    amount = f"{rounded(row['amount'], row['currency']):f} {row['currency']}"
    subject = f"the {row['transaction_type']} {f'{what}, ' if what else 'of '}{amount}"
    details = {"transaction": str(row["id"]), "status": row["status"], **told}
    audit.note(tx, row["profile_id"], action, at, subject, details)


def refund(
    tx: Tx,
    profile: Profile,
    sale_id: UUID,
    amount: Decimal | None,
    at: datetime | date | None,
    reference: str,
    received_at: datetime,
    import_id: UUID | None = None,
) -> Fate:
    """Gives back `amount` of a sale (in its currency), or what is left of it when None.

    Counts once for each `reference`. Raises NotFound for an unknown sale, and InvalidInput when it is
    pending or less than `amount` is left of it.
    """
    profile = profiles.locked(tx, profile.profile_id)
    state = _known(tx, profile.profile_id, [sale_id]).get(sale_id)
    if state is None:
        raise NotFound(f"There is no transaction {sale_id}.")
    known = [part for part in state.parts if part.reference == reference]
    if known:
        tell_of_refund(tx, state, known[0], received_at)
        return Fate.UNCHANGED
    row, left = state.row, state.row["amount"] - state.refunded
    if row["status"] == "pending":
        raise InvalidInput.at("/status", "A pending transaction can't be refunded.")
    if not left:
        raise InvalidInput.at("/amount", "Nothing is left of the sale to give back.")
    part = left if amount is None else Money.of(amount, row["currency"]).amount
    if not 0 < part <= left:
        raise InvalidInput.at(
            "/amount", f"{part} can't be refunded: {left.normalize():f} is left of the sale."
        )
    if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
        years = f"the years {FIRST_YEAR} and {LAST_YEAR}"
        raise InvalidInput.at("/refundedAt", f"It must lie between {years}.")
    when, date_only = _moment(profile, at, received_at)
    added = Part(state.refunded, part, when, date_only, reference)
    moved = State(row | {"status": "refunded"}, (*state.parts, added))
    _write(tx, profile, {sale_id: state}, {sale_id: moved}, received_at, import_id)
    if import_id is None:
        trace(tx, "transaction-refunded", moved.row, received_at, amount=part, reference=reference)
        tell_of_refund(tx, moved, added, received_at)
    else:
        touch(tx, profile.profile_id)
    return Fate.MOVED


def _known(tx: Tx, profile_id: UUID, ids: Sequence[UUID]) -> dict[UUID, State]:
    if not ids:
        return {}
    parts: dict[UUID, list[Part]] = {}
    for part in tx.rows(
        select(transaction_refunds)
        .where(R.profile_id == profile_id, R.transaction_id == any_(literal(ids, ARRAY(Uuid))))
        .order_by(R.refunded_before)
    ):
        parts.setdefault(part["transaction_id"], []).append(
            Part(
                part["refunded_before"],
                part["amount"],
                part["refunded_at"],
                part["date_only"],
                part["reference"],
            )
        )
    rows = tx.rows(select(transactions).where(_these(profile_id, ids)))
    return {row["id"]: State(dict(row), tuple(parts.get(row["id"], ()))) for row in rows}


def _new(profile: Profile, key: UUID, item: Transaction, received_at: datetime) -> State:
    amount = Money.of(item.amount, item.currency or profile.currency)
    at, date_only = _moment(profile, item.transaction_date, received_at)
    share = item.split.profile if item.split else Decimal(1)
    state = State(
        {
            "profile_id": profile.profile_id,
            "id": key,
            "transaction_type": item.transaction_type,
            "status": "pending" if item.status == "pending" else "completed",
            "amount": amount.amount,
            "currency": amount.currency,
            "share_amount": rounded(amount.amount * share, amount.currency),
            "transaction_date": at,
            "local_date": profile.local_date(at),
            "date_only": date_only,
            "split": {"profile": str(item.split.profile), "partner": str(item.split.partner)}
            if item.split
            else None,
            "partner_id": item.partner_id,
            "counterparty_id": item.counterparty_id,
            "counterparty_country": item.country,
            "item_id": item.item_id,
            "item_name": item.item_name,
            "category": item.category,
            "external_id": item.external_id,
            "billing_interval": item.interval,
            "metadata": item.metadata,
        }
    )
    # Nothing better is known of a sale that arrives already refunded: it was given back on its day.
    return _refund(profile, state, item, at if item.refunded_at is None else None, received_at)


def _moved(profile: Profile, state: State, item: Transaction, received_at: datetime) -> State:
    row = dict(state.row)
    currency = item.currency or row["currency"]
    if item.transaction_type != row["transaction_type"]:
        raise InvalidInput.at("/transactionType", f"This transaction is a {row['transaction_type']} already.")
    if currency != row["currency"]:
        raise InvalidInput.at("/currency", f"This transaction is in {row['currency']} already.")
    if _ORDER[item.status] < _ORDER[row["status"]]:
        return state
    amount = Money.of(item.amount, currency).amount
    if row["status"] == "pending":
        share = Decimal(row["split"]["profile"]) if row["split"] else Decimal(1)
        status = "pending" if item.status == "pending" else "completed"
        row |= {"status": status, "amount": amount, "share_amount": rounded(amount * share, currency)}
        if item.transaction_date is not None:
            at, date_only = _moment(profile, item.transaction_date, received_at)
            row |= {"transaction_date": at, "date_only": date_only, "local_date": profile.local_date(at)}
    elif amount != row["amount"]:
        raise InvalidInput.at(
            "/amount", f"This transaction has the amount {row['amount'].normalize():f} already."
        )
    return _refund(profile, State(row, state.parts), item, None, received_at)


def _refund(
    profile: Profile, state: State, item: Transaction, on: datetime | None, received_at: datetime
) -> State:
    if item.status != "refunded" and not item.refunded_amount:
        return state
    amount = state.row["amount"]
    total = (
        amount
        if item.refunded_amount is None
        else Money.of(item.refunded_amount, state.row["currency"], "/refundedAmount").amount
    )
    part = total - state.refunded
    row = state.row | {"status": "refunded"}
    if part <= 0:
        return State(row, state.parts)
    at, date_only = (on, state.row["date_only"]) if on else _moment(profile, item.refunded_at, received_at)
    return State(row, (*state.parts, Part(state.refunded, part, at, date_only)))


def _moment(profile: Profile, given: datetime | date | None, received_at: datetime) -> tuple[datetime, bool]:
    """The instant, and whether only a day is known (then: the day's local midnight)."""
    if given is None:
        return received_at, False
    if isinstance(given, datetime):
        return given, False
    return midnight(given, profile.time_zone), True


def _write(
    tx: Tx,
    profile: Profile,
    before: dict[UUID, State],
    changed: dict[UUID, State],
    received_at: datetime,
    import_id: UUID | None,
) -> None:
    if not changed:
        return
    known = [key for key in changed if key in before]
    if known:
        money.add(tx, _these(profile.profile_id, known), received_at, sign=-1)
    wanted = {(state.row["currency"], state.row["local_date"]) for state in changed.values()}
    found = rates.needed(tx, wanted, profile.currency)
    rows = {
        key: _stored(profile, before.get(key), state, found, received_at) for key, state in changed.items()
    }
    fresh = [
        {**row, "import_id": import_id, "received_at": received_at}
        for key, row in rows.items()
        if key not in before
    ]
    tx.insert_new(transactions, fresh)
    for key in known:
        tx.run(update(transactions).where(T.profile_id == profile.profile_id, T.id == key).values(rows[key]))
    tx.insert_new(
        transaction_refunds,
        [
            {**part, "import_id": import_id, "received_at": received_at}
            for key, state in changed.items()
            for part in _parts(profile, state, rows[key], len(before[key].parts) if key in before else 0)
        ],
    )
    money.add(tx, _these(profile.profile_id, list(changed)), received_at)


def _stored(
    profile: Profile, before: State | None, state: State, found: rates.Rates, at: datetime
) -> dict[str, Any]:
    """The columns of a row, with its amounts in the reporting currency."""
    row = state.row
    values = {name: value for name, value in row.items() if name not in {"import_id", "received_at"}}
    keeps = before is not None and _keeps_rate(before)
    added = {} if keeps else converted(row, profile.currency, found)
    refunded_at = state.parts[-1].at if state.parts else None
    return values | added | {"refunded_amount": state.refunded, "refunded_at": refunded_at, "updated_at": at}


def converted(row: Mapping[str, Any], reporting: str, found: rates.Rates) -> dict[str, Any]:
    """The columns of a transaction that are in the reporting currency, at the rate of its own day; null
    where there is none."""
    own, partner = row["share_amount"], row["amount"] - row["share_amount"]
    if row["currency"] == reporting:
        return {"reporting_amount": own, "reporting_partner": partner, "rate": None, "rate_date": None}
    rate = found.find(row["currency"], reporting, row["local_date"])
    return {
        "reporting_amount": rates.converted(own, rate, reporting),
        "reporting_partner": rates.converted(partner, rate, reporting),
        "rate": rate.value if rate else None,
        "rate_date": rate.day if rate else None,
    }


def _keeps_rate(before: State) -> bool:
    """Whether a sale keeps its conversion although other rates may have come since: its earlier refunds
    were counted by it. One that was refunded without a rate waits for `revision.convert`."""
    sold = before.row["status"] != "pending"
    return sold and (before.row["reporting_amount"] is not None or bool(before.parts))


def _parts(profile: Profile, state: State, row: dict[str, Any], known: int) -> list[dict[str, Any]]:
    """The refunds of a sale from the `known`th on."""
    return [
        {
            "profile_id": profile.profile_id,
            "transaction_id": row["id"],
            "refunded_before": part.before,
            "amount": part.amount,
            **part_of(row, part.before, part.amount, profile.currency),
            "refunded_at": part.at,
            "local_date": profile.local_date(part.at),
            "date_only": part.date_only,
            "reference": part.reference,
        }
        for part in state.parts[known:]
    ]


def part_of(sale: Mapping[str, Any], before: Decimal, amount: Decimal, reporting: str) -> dict[str, Any]:
    """The columns of a refund that are in the reporting currency: what giving back `amount` of the sale
    after `before` takes of the sale's own, so that the parts of a sale given back completely sum to the
    whole; null where that has no rate."""

    def part(whole: Decimal | None) -> Decimal | None:
        if whole is None:
            return None
        of = sale["amount"]
        return rounded(whole * (before + amount) / of, reporting) - rounded(whole * before / of, reporting)

    return {name: part(sale[name]) for name in ("reporting_amount", "reporting_partner")}


def _these(profile_id: UUID, ids: Sequence[UUID]) -> ColumnElement[bool]:
    return (T.profile_id == profile_id) & (T.id == any_(literal(ids, ARRAY(Uuid))))
