"""The rows of a profile, moved to the days of another zone and converted to another currency."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Table, Uuid, any_, cast, func, literal, not_, select, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Rows, Transaction
from models.period import midnight, shift_months
from models.schema import cost_entries, gov_alerts, profile_events, transaction_refunds, transactions
from services import costs as spending
from services import rates as exchange
from services.ingest.transactions import converted, part_of
from services.profiles import Profile
from services.rates import Rates
from services.rollups.closed import Closed

E, T, R, C = profile_events.c, transactions.c, transaction_refunds.c, cost_entries.c
BATCH = 2_000
_FARTHEST = timedelta(days=2)
"""How far another zone can move a day: there are 26 hours between the outermost zones."""
_SALE = (
    "id", "amount", "currency", "share_amount", "reporting_amount", "reporting_partner", "rate", "rate_date",
    "transaction_date", "local_date", "date_only", "refunded_at",
)  # fmt: skip
_PART = (
    "transaction_id", "refunded_before", "amount", "reporting_amount", "reporting_partner", "refunded_at",
    "local_date", "date_only",
)  # fmt: skip


def months(tx: Transaction, profile_id: UUID) -> dict[date, int]:
    """How many events there are in each month (of UTC) that has any, by its first day."""
    month = cast(func.date_trunc("month", E.timestamp, "UTC"), Date)
    counted = select(month.label("month"), func.count().label("many")).where(E.profile_id == profile_id)
    return {row["month"]: row["many"] for row in tx.rows(counted.group_by(month).order_by(month))}


def sales(tx: Transaction, profile_id: UUID) -> int:
    """How many transactions there are."""
    return int(tx.value(select(func.count()).where(T.profile_id == profile_id)))


def costs(tx: Transaction, profile_id: UUID) -> int:
    """How many costs there are."""
    return int(tx.value(select(func.count()).where(C.profile_id == profile_id)))


def rates_for(tx: Transaction, profile: Profile) -> Rates:
    """Every rate that the profile's transactions and costs may need, whichever zone their days are of."""
    first_and_last = union_all(
        *(
            select(own.c.currency, func.min(day).label("first"), func.max(day).label("last"))
            .where(own.c.profile_id == profile.profile_id, own.c.currency != profile.currency)
            .group_by(own.c.currency)
            for own, day in ((transactions, T.local_date), (cost_entries, C.expense_date))
        )
    )
    wanted: set[tuple[str, date]] = set()
    for row in tx.rows(first_and_last):
        wanted |= {(row["currency"], row["first"] - _FARTHEST), (row["currency"], row["last"] + _FARTHEST)}
    return exchange.needed(tx, wanted, profile.currency)


def move_events(tx: Transaction, profile: Profile, month: date, kept: Closed) -> None:
    """Gives the events of a month (of UTC) their days in the profile's zone. One whose day would lie in a
    closed month, to which nothing is added, keeps the day that it has."""
    local_date = cast(func.timezone(profile.time_zone, E.timestamp), Date)
    tx.run(
        update(profile_events)
        .where(
            E.profile_id == profile.profile_id,
            E.timestamp >= midnight(month, "UTC"),
            E.timestamp < midnight(shift_months(month, 1), "UTC"),
            E.local_date != local_date,
            not_(kept.has_day(local_date)),
        )
        .values(local_date=local_date)
    )


def move_alerts(tx: Transaction, profile: Profile, kept: Closed) -> None:
    """Gives the alerts their days in the profile's zone, as far as their events have got them."""
    own = gov_alerts.c
    local_date = cast(func.timezone(profile.time_zone, own.event_timestamp), Date)
    moved = not_(kept.has_day(own.local_date)) & not_(kept.has_day(local_date))
    mine = own.profile_id == profile.profile_id
    tx.run(update(gov_alerts).where(mine, moved).values(local_date=local_date))


def move_sales(tx: Transaction, before: Profile, after: Profile, found: Rates, at: datetime) -> Iterator[int]:
    """Gives transactions and refunds their days in the zone of `after`, and the amounts of those whose day
    or currency changes by that their rate of that day. Yields how many transactions it is through with.

    What came with a date alone keeps it; its instant is the midnight at which that day begins.
    """
    for batch in _batches(tx, transactions, _SALE, after.profile_id):
        parts = _parts(tx, after.profile_id, [row["id"] for row in batch])
        new_sales, new_parts = [], []
        for row in map(dict, batch):
            sale = {**row, **_moved(row, "transaction_date", after)}
            again = after.currency != before.currency or sale["local_date"] != row["local_date"]
            if again:
                sale |= converted(sale, after.currency, found)
            for part in parts.get(row["id"], ()):
                moved = {**part, **_moved(part, "refunded_at", after)}
                sale["refunded_at"] = moved["refunded_at"]
                if again:
                    moved |= part_of(sale, part["refunded_before"], part["amount"], after.currency)
                if moved != part:
                    new_parts.append(moved)
            if sale != row:
                new_sales.append(sale)
        own = literal(after.profile_id)
        _replace(tx, transactions, own, ("id",), [{**sale, "updated_at": at} for sale in new_sales])
        _replace(tx, transaction_refunds, own, ("transaction_id", "refunded_before"), new_parts)
        yield len(batch)


def convert_costs(tx: Transaction, profile: Profile, found: Rates, at: datetime) -> Iterator[int]:
    """Converts every cost to the profile's currency; yields how many costs it is through with."""
    for batch in _batches(tx, cost_entries, ("id", "amount", "currency", "expense_date"), profile.profile_id):
        rows = [
            {
                "id": row["id"],
                "updated_at": at,
                **spending.converted(profile, row["amount"], row["currency"], row["expense_date"], found),
            }
            for row in batch
        ]
        _replace(tx, cost_entries, literal(profile.profile_id), ("id",), rows)
        yield len(batch)


def _moved(row: Mapping[str, Any], instant: str, profile: Profile) -> dict[str, Any]:
    if row["date_only"]:
        return {instant: midnight(row["local_date"], profile.time_zone)}
    return {"local_date": profile.local_date(row[instant])}


def _batches(tx: Transaction, table: Table, names: Sequence[str], profile_id: UUID) -> Iterator[Rows]:
    """The profile's rows by id, so many at a time that others get their turn in between."""
    columns = [table.c[name] for name in names]
    statement = select(*columns).where(table.c.profile_id == profile_id).order_by(table.c.id).limit(BATCH)
    rows = tx.rows(statement)
    while rows:
        yield rows
        rows = tx.rows(statement.where(table.c.id > rows[-1]["id"]))


def _parts(tx: Transaction, profile_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The refunds of these transactions, in their order."""
    parts: dict[UUID, list[dict[str, Any]]] = {}
    for row in tx.rows(
        select(*(R[name] for name in _PART))
        .where(R.profile_id == profile_id, R.transaction_id == any_(literal(ids, ARRAY(Uuid))))
        .order_by(R.transaction_id, R.refunded_before)
    ):
        parts.setdefault(row["transaction_id"], []).append(dict(row))
    return parts


def _replace(
    tx: Transaction, table: Table, own: Any, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Sets all that `rows` hold of the profile's rows with these keys."""
    if not rows:
        return
    lists = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in rows[0]]
    given = func.unnest(*lists).table_valued(*rows[0], name="given").render_derived()
    same = (table.c[key] == given.c[key] for key in keys)
    values = {name: given.c[name] for name in rows[0] if name not in keys}
    tx.run(update(table).where(table.c.profile_id == own, *same).values(values))
