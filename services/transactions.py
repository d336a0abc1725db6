"""The rows behind every figure of revenue: what was sold, given back, or is still to come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from models.database import Database
from models.database import Transaction as Tx
from models.errors import InvalidInput, NotFound
from models.schema import transaction_refunds, transactions
from models.schema.money import TRANSACTION_TYPES
from services.ingest.revision import BY_HAND
from services.metrics.buckets import within
from services.scope import Scope
from services.search import holding

T, R = transactions.c, transaction_refunds.c
LONGEST_TEXT = 200
_AT_ONCE = 500


class MovementKind(StrEnum):
    """What a row counts as. Unconverted ones, of whatever status, are in no sum for want of a rate."""

    SALE = "sale"
    REFUND = "refund"
    PENDING = "pending"
    UNCONVERTED = "unconverted"


class Place(NamedTuple):
    """Where a row stands in a list. `part` is None for a sale, for a refund what had been refunded before."""

    day: date
    at: datetime
    transaction_id: UUID
    part: Decimal | None

    @classmethod
    def read(cls, parts: list[str]) -> "Place | None":
        """The place from its parts as `texts` gives them; None when they are none."""
        try:
            day, at, transaction_id, part = parts
            before = Decimal(part) if part else None
            place = cls(date.fromisoformat(day), datetime.fromisoformat(at), UUID(transaction_id), before)
        except (ValueError, InvalidOperation):
            return None
        sane = before is None or (before.is_finite() and abs(before.adjusted()) < 30)
        return place if sane and place.at.tzinfo else None

    def texts(self) -> list[str]:
        """The parts of the place as text."""
        part = "" if self.part is None else str(self.part)
        return [self.day.isoformat(), self.at.isoformat(), str(self.transaction_id), part]


@dataclass(frozen=True)
class Movement:
    """A sale on its day, or one refund of it on the day of the refund (`part` is then what had been
    refunded before).

    `amount` is the whole sale or the refunded part of it, in `currency`; `reporting_amount` the profile's
    share of that in the reporting currency and `reporting_partner` the partner's, both None without a
    rate. All amounts are positive. `refunded_amount` is what has been refunded of the sale so far.
    """

    transaction_id: UUID
    kind: MovementKind
    at: datetime
    local_date: date
    date_only: bool
    source: str
    status: str
    amount: Decimal
    currency: str
    reporting_amount: Decimal | None
    reporting_partner: Decimal | None
    rate: Decimal | None
    refunded_amount: Decimal
    partner_id: str | None
    counterparty_id: str | None
    country: str | None
    item_id: str | None
    item_name: str | None
    category: str | None
    external_id: str | None
    by_hand: bool
    part: Decimal | None

    @property
    def place(self) -> Place:
        """Where it stands in a list."""
        return Place(self.local_date, self.at, self.transaction_id, self.part)

    @property
    def is_refund(self) -> bool:
        return self.part is not None


@dataclass(frozen=True)
class Filter:
    """Which rows are wanted; None is any. `category` "" has those without one. Each word of `text` has
    to stand in the description, item, payer, partner, category or external id, in any case of letters."""

    source: str | None = None
    kind: MovementKind | None = None
    category: str | None = None
    partner: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filter":
        """The filter of the parameters source, kind, category, partner and q; empty ones count as absent.

        Raises InvalidInput that names the parameter.
        """
        kept = {name: value.strip() for name, value in given.items() if value and value.strip()}
        source, kind = kept.get("source"), kept.get("kind")
        if source is not None and source not in TRANSACTION_TYPES:
            raise _no_such("source", source, TRANSACTION_TYPES)
        if kind is not None and kind not in set(MovementKind):
            raise _no_such("kind", kind, tuple(MovementKind))
        for name in ("category", "partner", "q"):
            text = kept.get(name, "")
            if len(text) > LONGEST_TEXT or "\x00" in text:
                raise InvalidInput.at(name, f"Give a text of at most {LONGEST_TEXT} characters.")
        chosen = MovementKind(kind) if kind else None
        return cls(source, chosen, kept.get("category"), kept.get("partner"), kept.get("q"))


@dataclass(frozen=True)
class Page:
    """Rows from the newest on; `next` is the place of the last one, None on the last page."""

    scope: Scope
    rows: tuple[Movement, ...]
    next: Place | None


@dataclass(frozen=True)
class Totals:
    """What all rows of a filter add up to, in the reporting currency; what is unconverted counts among the
    rows alone."""

    rows: int
    gross: Decimal
    refunds: Decimal
    pending: Decimal


def listing(
    tx: Tx, scope: Scope, chosen: Filter = Filter(), after: Place | None = None, limit: int = 50
) -> Page:
    """What moved in the period, from the newest on: at most `limit` rows `after` a place."""
    branches = [
        branch.order_by(*(column.desc() for column in order)).limit(limit + 1)
        for branch, order in _branches(scope, chosen, after)
    ]
    each = union_all(*(select(branch.subquery()) for branch in branches)).subquery().c
    # No sale has a part, and at the same instant it stands below its refunds.
    order = (each.local_date, each.at, each.transaction_id, func.coalesce(each.part, literal(-1)))
    found = tx.rows(select(*each).order_by(*(column.desc() for column in order)).limit(limit + 1))
    rows = tuple(_movement(row) for row in found[:limit])
    return Page(scope, rows, rows[-1].place if len(found) > limit else None)


def every(database: Database, scope: Scope, chosen: Filter = Filter()) -> Iterator[tuple[Movement, ...]]:
    """All rows of the period, from the newest on, a page at a time; none is held longer than that."""
    after: Place | None = None
    while True:
        with database.transaction() as tx:
            page = listing(tx, scope, chosen, after, _AT_ONCE)
        yield page.rows
        if page.next is None:
            return
        after = page.next


def totals(tx: Tx, scope: Scope, chosen: Filter = Filter()) -> Totals:
    """What the rows of the filter add up to."""
    each = (
        union_all(*(select(branch.subquery()) for branch, _ in _branches(scope, chosen, None))).subquery().c
    )

    def total(kind: MovementKind) -> ColumnElement[Any]:
        return func.coalesce(func.sum(each.reporting_amount).filter(each.kind == kind), 0)

    row = tx.first(
        select(
            func.count().label("rows"),
            total(MovementKind.SALE).label("gross"),
            total(MovementKind.REFUND).label("refunds"),
            total(MovementKind.PENDING).label("pending"),
        ).select_from(each.kind.table)
    )
    assert row is not None
    return Totals(**row)


def oldest_pending(tx: Tx, scope: Scope) -> date | None:
    """The day of the oldest sale of the period that counts as pending; None when there is none."""
    day: date | None = tx.value(
        select(func.min(T.local_date)).where(
            T.profile_id == scope.profile.profile_id,
            T.transaction_type.in_(TRANSACTION_TYPES),
            T.status == "pending",
            T.reporting_amount.is_not(None),
            within(scope, T.transaction_date, T.local_date),
        )
    )
    return day


def get(tx: Tx, profile_id: UUID, transaction_id: UUID) -> Movement:
    """The sale of that id; raises NotFound when the profile has none."""
    row = tx.first(_sales(T.profile_id == profile_id, T.id == transaction_id))
    if row is None:
        raise NotFound("There is no such transaction.")
    return _movement(row)


def _branches(
    scope: Scope, chosen: Filter, after: Place | None
) -> Iterator[tuple[Select[Any], tuple[ColumnElement[Any], ...]]]:
    """The statements whose rows together are the list, each with the columns that order it: refunds,
    and the sales of each source for themselves, so that each walks its index."""
    if chosen.kind is not MovementKind.SALE and chosen.kind is not MovementKind.PENDING:
        order = (R.local_date, R.refunded_at, R.transaction_id, R.refunded_before)
        moment = within(scope, R.refunded_at, R.local_date) & (R.profile_id == scope.profile.profile_id)
        where = [moment, *_wanted(chosen), *_kind(chosen.kind, R.reporting_amount)]
        if chosen.source is not None:
            where.append(T.transaction_type == chosen.source)
        if after is not None:
            where.append(R.local_date <= after.day)
            before = literal(-1) if after.part is None else literal(after.part, Numeric)
            where.append(tuple_(*order) < tuple_(*map(literal, after[:3]), before))
        yield _refunds(*where), order
    if chosen.kind is MovementKind.REFUND:
        return
    for source in (chosen.source,) if chosen.source else TRANSACTION_TYPES:
        keys = (T.local_date, T.transaction_date, T.id)
        moment = within(scope, T.transaction_date, T.local_date) & (T.profile_id == scope.profile.profile_id)
        where = [moment, T.transaction_type == source, *_wanted(chosen)]
        where += _kind(chosen.kind, T.reporting_amount)
        if after is not None:
            where.append(T.local_date <= after.day)
            here, there = tuple_(*keys), tuple_(*map(literal, after[:3]))
            where.append(here < there if after.part is None else here <= there)
        yield _sales(*where), keys


def _kind(kind: MovementKind | None, converted: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    if kind is None:
        return []
    if kind is MovementKind.UNCONVERTED:
        return [converted.is_(None)]
    status = {MovementKind.SALE: [T.status != "pending"], MovementKind.PENDING: [T.status == "pending"]}.get(
        kind, []
    )
    return [converted.is_not(None), *status]


def _wanted(chosen: Filter) -> list[ColumnElement[bool]]:
    """The conditions of a filter that go for a sale and its refunds alike."""
    found: list[ColumnElement[bool]] = []
    if chosen.category is not None:
        found.append(func.coalesce(T.category, "") == chosen.category)
    if chosen.partner is not None:
        found.append(T.partner_id == chosen.partner)
    return found + holding(chosen.text, *_SEARCHED)


_SEARCHED = (T.item_name, T.item_id, T.counterparty_id, T.external_id, T.category, T.partner_id)


def _sales(*where: ColumnElement[bool]) -> Select[Any]:
    kind = case(
        (T.reporting_amount.is_(None), literal(MovementKind.UNCONVERTED.value)),
        (T.status == "pending", literal(MovementKind.PENDING.value)),
        else_=literal(MovementKind.SALE.value),
    )
    return select(
        T.id.label("transaction_id"),
        kind.label("kind"),
        T.transaction_date.label("at"),
        T.local_date,
        T.date_only,
        T.amount,
        T.reporting_amount,
        T.reporting_partner,
        *_of_the_sale(),
        cast(null(), Numeric).label("part"),
    ).where(*where)


def _refunds(*where: ColumnElement[bool]) -> Select[Any]:
    kind = case(
        (R.reporting_amount.is_(None), literal(MovementKind.UNCONVERTED.value)),
        else_=literal(MovementKind.REFUND.value),
    )
    return (
        select(
            T.id.label("transaction_id"),
            kind.label("kind"),
            R.refunded_at.label("at"),
            R.local_date,
            R.date_only,
            R.amount,
            R.reporting_amount,
            R.reporting_partner,
            *_of_the_sale(),
            R.refunded_before.label("part"),
        )
        .select_from(
            transaction_refunds.join(
                transactions, (T.profile_id == R.profile_id) & (T.id == R.transaction_id)
            )
        )
        .where(*where)
    )


def _of_the_sale() -> list[ColumnElement[Any]]:
    return [
        T.transaction_type.label("source"),
        T.status,
        T.currency,
        T.rate,
        T.refunded_amount,
        T.partner_id,
        T.counterparty_id,
        T.counterparty_country.label("country"),
        T.item_id,
        T.item_name,
        T.category,
        T.external_id,
        BY_HAND.label("by_hand"),
    ]


def _movement(row: Mapping[str, Any] | Any) -> Movement:
    values = {field.name: row[field.name] for field in fields(Movement)}
    return Movement(**values | {"kind": MovementKind(row["kind"])})


def _no_such(name: str, given: str, known: tuple[str, ...]) -> InvalidInput:
    return InvalidInput.at(name, f"There is no {name} {given[:40]!r}; give one of {', '.join(known)}.")
