"""Donors: who gave, one by one, the largest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from models.database import Database
from models.schema import transactions
from services.metrics.buckets import within
from services.metrics.gifts import given
from services.scope import Scope

T = transactions.c
_MOST_DIGITS = 30
_AT_ONCE = 500


class Place(NamedTuple):
    """Where a donor stands in the list."""

    total: Decimal
    donor_id: str

    @classmethod
    def read(cls, parts: Sequence[str]) -> "Place | None":
        """The place from its two parts as text; None when they are none."""
        try:
            total, donor_id = parts
            place = cls(Decimal(total), donor_id)
        except (ValueError, InvalidOperation):
            return None
        sane = place.total.is_finite() and abs(place.total.adjusted()) <= _MOST_DIGITS
        return place if sane and "\x00" not in donor_id else None


@dataclass(frozen=True)
class Donor:
    """What one person gave in the period: `total` in the reporting currency, the days of the first
    and the last gift in it. Not the country: a list by country is one of small groups."""

    donor_id: str
    total: Decimal
    gifts: int
    first_gift: date
    last_gift: date

    @property
    def place(self) -> Place:
        return Place(self.total, self.donor_id)


@dataclass(frozen=True)
class DonorPage:
    """Donors by what they gave, the most first. `first` is the rank of the first one here (from 1) among
    all `whole` of the period. `next` is where the following page begins and `previous` where the page
    before ends (the places of the last and the first donor here); None at either end."""

    scope: Scope
    donors: tuple[Donor, ...]
    next: Place | None = None
    previous: Place | None = None
    first: int = 1
    whole: int = 0


def donors(
    database: Database,
    scope: Scope,
    after: Place | None = None,
    limit: int = 50,
    *,
    before: Place | None = None,
) -> DonorPage:
    """A page of the period's donors: the first, or the one `after` the `next` of a page, or the one
    `before` its `previous`."""
    each = _each(scope).subquery().c
    rank = func.row_number().over(order_by=(each.total.desc(), each.donor_id)).label("rank")
    ranked = select(*each, rank, func.count().over().label("whole")).subquery().c
    statement = select(*ranked).order_by(ranked.rank.desc() if before else ranked.rank).limit(limit)
    if before is not None:
        statement = statement.where(_precedes(ranked, before))
    elif after is not None:
        statement = statement.where(_follows(ranked, after))
    with database.transaction() as tx:
        rows = list(tx.rows(statement))
    if before is not None:
        if len(rows) < limit:
            return donors(database, scope, None, limit)
        rows.reverse()
    if not rows:
        return DonorPage(scope, ())
    first, last, whole = rows[0]["rank"], rows[-1]["rank"], rows[0]["whole"]
    page = tuple(_donor(row) for row in rows)
    following = page[-1].place if last < whole else None
    return DonorPage(scope, page, following, page[0].place if first > 1 else None, first, whole)


def every_donor(database: Database, scope: Scope) -> Iterator[Donor]:
    """All donors of the period as of one instant, the most first, however many they are."""
    each = _each(scope).subquery().c
    statement = select(*each).order_by(each.total.desc(), each.donor_id)
    with database.transaction() as tx:
        yield from (_donor(row) for row in tx.stream(statement, _AT_ONCE))


def _each(scope: Scope) -> Select[Any]:
    """A row for each donor of the period."""
    return (
        select(
            T.counterparty_id.label("donor_id"),
            func.coalesce(func.sum(T.reporting_amount), 0).label("total"),
            func.count().label("gifts"),
            func.min(T.local_date).label("first_gift"),
            func.max(T.local_date).label("last_gift"),
        )
        .where(given(scope), T.counterparty_id.is_not(None), within(scope, T.transaction_date, T.local_date))
        .group_by(T.counterparty_id)
    )


def _follows(row: Any, place: Place) -> Any:
    return (row.total < place.total) | ((row.total == place.total) & (row.donor_id > place.donor_id))


def _precedes(row: Any, place: Place) -> Any:
    return (row.total > place.total) | ((row.total == place.total) & (row.donor_id < place.donor_id))


def _donor(row: Mapping[Any, Any]) -> Donor:
    return Donor(*(row[name] for name in Donor.__dataclass_fields__))
