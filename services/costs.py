"""Costs: what a provider spends. The one door in, and the entries themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, select, tuple_, update

from models.database import Database
from models.database import Transaction as Tx
from models.errors import Conflict, InvalidInput, NotFound, PreconditionFailed, Problem
from models.ids import new_id
from models.money import Money, rounded
from models.schema import cost_entries
from models.schema.money import COST_CATEGORIES
from services import audit, profiles, rates
from services.ingest.inputs import Cost
from services.profiles import Profile
from services.search import holding

C = cost_entries.c


LONGEST_SEARCH = 200
_AT_ONCE = 500


class Place(NamedTuple):
    """Where a cost stands in a list."""

    day: date
    cost_id: UUID

    @classmethod
    def read(cls, parts: Sequence[str]) -> "Place | None":
        """The place from its two parts as text; None when they are none."""
        try:
            day, cost_id = parts
            return cls(date.fromisoformat(day), UUID(cost_id))
        except ValueError:
            return None


@dataclass(frozen=True)
class Filter:
    """Which costs are wanted; None is any. Each word of `text` has to stand in the description, the channel
    or the name of the category, in any case of letters."""

    category: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filter":
        """The filter of the parameters category and q; empty ones count as absent. Raises InvalidInput
        that names the parameter."""
        category, text = (given.get(name, "").strip() or None for name in ("category", "q"))
        if category is not None and category not in COST_CATEGORIES:
            known = ", ".join(COST_CATEGORIES)
            raise InvalidInput.at("category", f"There is no category {category[:40]!r}; give one of {known}.")
        if text is not None and (len(text) > LONGEST_SEARCH or "\x00" in text):
            raise InvalidInput.at("q", f"Give a text of at most {LONGEST_SEARCH} characters.")
        return cls(category, text)


@dataclass(frozen=True)
class Totals:
    """How many costs there are, and their sum in the profile's currency; those without a rate count among
    the rows alone."""

    rows: int
    amount: Decimal


@dataclass(frozen=True)
class CostEntry:
    """One cost. `amount` is positive, in `currency`; `reporting_amount` is the same in the profile's
    currency, None when there is no rate."""

    cost_id: UUID
    profile_id: UUID
    category: str
    description: str
    channel: str | None
    amount: Decimal
    currency: str
    reporting_amount: Decimal | None
    expense_date: date
    created_at: datetime
    updated_at: datetime

    @property
    def place(self) -> Place:
        """Where it stands in a list."""
        return Place(self.expense_date, self.cost_id)

    @property
    def version(self) -> str:
        """Changes with every edit; what If-Match is compared with."""
        return f"{int(self.updated_at.timestamp() * 1_000_000):x}"


def record(
    tx: Tx,
    profile: Profile,
    batch: Sequence[Cost],
    at: datetime,
    import_id: UUID | None = None,
    pointer: str = "/costs/{}",
) -> list[UUID]:
    """Stores the costs of one profile, all or none; returns the ids of those that were not there yet.

    Raises InvalidInput that names each bad one at `pointer` with its index.
    """
    profile = profiles.locked(tx, profile.profile_id)
    found = rates.needed(
        tx, {(cost.currency or profile.currency, cost.expense_date) for cost in batch}, profile.currency
    )
    rows, problems = [], []
    for index, cost in enumerate(batch):
        try:
            values = _values(profile, cost, found)
        except InvalidInput as error:
            start = pointer.format(index)
            problems += [Problem(start + problem.pointer, problem.detail) for problem in error.problems]
            continue
        stamps = {"import_id": import_id, "created_at": at, "updated_at": at}
        rows.append({"profile_id": profile.profile_id, "id": cost.id or new_id(), **values, **stamps})
    if problems:
        many = f"{len(problems)} of {len(batch)} costs can't be taken; nothing was stored."
        raise InvalidInput(problems[0].detail if len(batch) == 1 else many, tuple(problems))
    return [row["id"] for row in tx.insert_new(cost_entries, rows)]


def add(tx: Tx, profile: Profile, cost: Cost, at: datetime) -> CostEntry:
    """Stores one cost and returns it. Raises InvalidInput, and Conflict when its id is taken."""
    stored = record(tx, profile, [cost], at, pointer="")
    if not stored:
        raise Conflict(f"There is a cost {cost.id} already.")
    entry = get(tx, {profile.profile_id}, stored[0])
    audit.note(tx, profile.profile_id, "cost-added", at, _called(entry), {"cost": str(entry.cost_id)})
    return entry


def edit(
    tx: Tx, profile: Profile, cost_id: UUID, cost: Cost, at: datetime, if_version: str | None = None
) -> CostEntry:
    """Replaces a cost and returns it. Raises NotFound, InvalidInput, and PreconditionFailed when
    `if_version` is not its version any more."""
    profile = profiles.locked(tx, profile.profile_id)
    was = get(tx, {profile.profile_id}, cost_id, lock=True)
    _check_version(was, if_version)
    day = {(cost.currency or profile.currency, cost.expense_date)}
    values = _values(profile, cost, rates.needed(tx, day, profile.currency))
    tx.run(update(cost_entries).where(_this(profile.profile_id, cost_id)).values(**values, updated_at=at))
    entry = get(tx, {profile.profile_id}, cost_id)
    changed = audit.changes(_told(was), _told(entry))
    audit.note(tx, profile.profile_id, "cost-changed", at, _called(entry), {"cost": str(cost_id), **changed})
    return entry


def remove(tx: Tx, profile_id: UUID, cost_id: UUID, if_version: str | None = None) -> CostEntry:
    """Deletes a cost and returns what it was. Raises NotFound and PreconditionFailed."""
    entry = get(tx, {profile_id}, cost_id, lock=True)
    _check_version(entry, if_version)
    tx.run(delete(cost_entries).where(_this(profile_id, cost_id)))
    audit.note(tx, profile_id, "cost-removed", None, _called(entry), {"cost": str(cost_id), **_told(entry)})
    return entry


def get(tx: Tx, profile_ids: Iterable[UUID], cost_id: UUID, lock: bool = False) -> CostEntry:
    """The cost of that id among the profiles; raises NotFound when it is of none of them, and Conflict
    when more than one has a cost of that id."""
    statement = select(cost_entries).where(C.profile_id.in_(list(profile_ids)), C.id == cost_id)
    rows = tx.rows(statement.with_for_update() if lock else statement)
    if not rows:
        raise NotFound("There is no such cost.")
    if len(rows) > 1:
        raise Conflict("More than one of your profiles has a cost of this id; use a token of one of them.")
    return _entry(rows[0])


def listing(
    tx: Tx,
    profile_id: UUID,
    *,
    first: date | None = None,
    last: date | None = None,
    chosen: Filter = Filter(),
    after: Place | None = None,
    limit: int = 100,
) -> list[CostEntry]:
    """Costs from the newest day on, at most `limit`; `after` is the place of the last seen."""
    conditions = _wanted(profile_id, first, last, chosen)
    if after is not None:
        conditions.append(tuple_(C.expense_date, C.id) < tuple(after))
    statement = (
        select(cost_entries).where(*conditions).order_by(C.expense_date.desc(), C.id.desc()).limit(limit)
    )
    return [_entry(row) for row in tx.rows(statement)]


def every(
    database: Database,
    profile_id: UUID,
    *,
    first: date | None = None,
    last: date | None = None,
    chosen: Filter = Filter(),
) -> Iterator[CostEntry]:
    """All of them in the same order, however many there are; few are held at a time."""
    after: Place | None = None
    while True:
        with database.transaction() as tx:
            found = listing(
                tx, profile_id, first=first, last=last, chosen=chosen, after=after, limit=_AT_ONCE
            )
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1].place


def totals(
    tx: Tx,
    profile_id: UUID,
    *,
    first: date | None = None,
    last: date | None = None,
    chosen: Filter = Filter(),
) -> Totals:
    """What the costs of a filter add up to."""
    row = tx.first(
        select(
            func.count().label("rows"), func.coalesce(func.sum(C.reporting_amount), 0).label("amount")
        ).where(*_wanted(profile_id, first, last, chosen))
    )
    assert row is not None
    return Totals(**row)


def _wanted(
    profile_id: UUID, first: date | None, last: date | None, chosen: Filter
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [C.profile_id == profile_id]
    if first is not None:
        conditions.append(C.expense_date >= first)
    if last is not None:
        conditions.append(C.expense_date <= last)
    if chosen.category is not None:
        conditions.append(C.category == chosen.category)
    return conditions + holding(chosen.text, C.description, C.channel, func.replace(C.category, "_", " "))


def remove_import(tx: Tx, profile_id: UUID, import_id: UUID) -> int:
    """Deletes the costs of an import; returns how many there were."""
    return tx.run(delete(cost_entries).where(C.profile_id == profile_id, C.import_id == import_id))


def convert(tx: Tx, profile: Profile, at: datetime) -> int:
    """Converts the costs that had no rate when they came and have one now; returns how many."""
    profile = profiles.locked(tx, profile.profile_id)
    waiting = tx.rows(
        select(cost_entries).where(C.profile_id == profile.profile_id, C.reporting_amount.is_(None))
    )
    found = rates.needed(tx, {(row["currency"], row["expense_date"]) for row in waiting}, profile.currency)
    done = 0
    for row in waiting:
        values = converted(profile, row["amount"], row["currency"], row["expense_date"], found)
        if values["reporting_amount"] is not None:
            tx.run(
                update(cost_entries)
                .where(_this(profile.profile_id, row["id"]))
                .values(**values, updated_at=at)
            )
            done += 1
    return done


def _values(profile: Profile, cost: Cost, found: rates.Rates) -> dict[str, Any]:
    amount = Money.of(cost.amount, cost.currency or profile.currency)
    return {
        "category": cost.category,
        "description": cost.description,
        "channel": cost.channel,
        "amount": amount.amount,
        "currency": amount.currency,
        "expense_date": cost.expense_date,
        **converted(profile, amount.amount, amount.currency, cost.expense_date, found),
    }


def converted(
    profile: Profile, amount: Decimal, currency: str, day: date, found: rates.Rates
) -> dict[str, Any]:
    """The columns of a cost that are in the profile's currency, at the rate of its day; null without one."""
    if currency == profile.currency:
        return {"reporting_amount": amount, "rate": None, "rate_date": None}
    rate = found.find(currency, profile.currency, day)
    return {
        "reporting_amount": rates.converted(amount, rate, profile.currency),
        "rate": rate.value if rate else None,
        "rate_date": rate.day if rate else None,
    }


def _check_version(entry: CostEntry, expected: str | None) -> None:
    if expected is not None and expected != entry.version:
        raise PreconditionFailed("This cost was changed in the meantime; read it again first.")


def _called(entry: CostEntry) -> str:
    """The entry in a few words, for the audit trail."""
    return f"{entry.description}, {rounded(entry.amount, entry.currency):f} {entry.currency}"


def _told(entry: CostEntry) -> dict[str, str | None]:
    """What a person can change of it, as the audit trail tells it."""
    return {
        "category": entry.category,
        "description": entry.description,
        "channel": entry.channel,
        "amount": f"{rounded(entry.amount, entry.currency):f}",
        "currency": entry.currency,
        "date": entry.expense_date.isoformat(),
    }


def _this(profile_id: UUID, cost_id: UUID) -> ColumnElement[bool]:
    return (C.profile_id == profile_id) & (C.id == cost_id)


def _entry(row: RowMapping) -> CostEntry:
    names = CostEntry.__dataclass_fields__.keys() - {"cost_id"}
    return CostEntry(cost_id=row["id"], **{name: row[name] for name in names})
