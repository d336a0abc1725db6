"""What kind of people give: new and returning, from where, how much; no group of fewer than 5 is shown.

These figures are no metrics: by bucket, as CSV and small lines show those, most groups would be too
small to be shown, and one could be worked out from the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select, false, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Numeric

from models.database import Database
from models.period import Comparison
from models.schema import transactions
from services.metrics.buckets import within
from services.metrics.disclosure import FEWEST, hidden
from services.metrics.gifts import given
from services.metrics.metric import Value, ratio
from services.scope import Scope

T = transactions.c
BOUNDS = (25, 100, 500)
"""Where one spend band ends and the next begins, in the reporting currency."""
OTHER = "other"
"""The small countries together."""
_TOP = 10


@dataclass(frozen=True)
class Group:
    """How many donors have something in common, and what they gave in the reporting currency; both None
    where that must not be shown."""

    donors: int | None
    revenue: Decimal | None


@dataclass(frozen=True)
class Demographics:
    """The donors of a period, in groups. Every gift counts that has a known giver and a rate, as does
    `donorCount`.

    `new` gave for the first time ever in the period, `returning` had given before; together they are all
    `donors`, as are `countries` (by ISO 3166 code, "" where it is not known, OTHER for small ones) and
    `bands` (from 0 or one of BOUNDS to below the next). Of those who gave in the equal period before,
    `lapsed` did not give in this one and `stayed` did; None when there is no such period. `top_share` is
    the part of the revenue that the ten largest donors gave, 0-1. What must not be shown is None.
    """

    scope: Scope
    donors: int
    new: int | None
    returning: int | None
    lapsed: int | None
    stayed: int | None
    countries: Mapping[str, Group]
    bands: tuple[Group, ...]
    top_share: Value
    previous: Scope | None


def demographics(database: Database, scope: Scope) -> Demographics:
    """The donors of the period in groups that may be shown."""
    return shown(counted(database, scope))


def counted(database: Database, scope: Scope) -> Demographics:
    """The same with nothing hidden: not to be shown to anybody."""
    previous = replace(scope, comparison=Comparison.PREVIOUS).before()
    with database.transaction() as tx:
        rows = tx.rows(_groups(scope, previous))
    gave = [row for row in rows if row["gave"]]
    donors, revenue = _sum(gave)
    before = [row for row in rows if row["before"]]
    countries: dict[str, list[RowMapping]] = {}
    for row in gave:
        countries.setdefault(row["country"] or "", []).append(row)
    return Demographics(
        scope=scope,
        donors=donors,
        new=_sum(row for row in gave if not row["known"])[0],
        returning=_sum(row for row in gave if row["known"])[0],
        lapsed=_sum(row for row in before if not row["gave"])[0] if previous else None,
        stayed=_sum(row for row in before if row["gave"])[0] if previous else None,
        countries={country: Group(*_sum(those)) for country, those in sorted(countries.items())},
        bands=tuple(
            Group(*_sum(row for row in gave if row["band"] == band)) for band in range(len(BOUNDS) + 1)
        ),
        top_share=ratio(_sum(row for row in gave if row["top"])[1], revenue),
        previous=previous,
    )


def shown(counted: Demographics) -> Demographics:
    """What may be shown of it."""
    new, returning = _partition([counted.new or 0, counted.returning or 0])
    lapsed, stayed = _partition([counted.lapsed or 0, counted.stayed or 0])
    countries = _gathered(counted.countries)
    return replace(
        counted,
        new=new,
        returning=returning,
        lapsed=lapsed if counted.previous else None,
        stayed=stayed if counted.previous else None,
        countries=dict(zip(countries, _hide(list(countries.values())), strict=True)),
        bands=tuple(_hide(list(counted.bands))),
        top_share=counted.top_share if _may_show_top(counted.donors) else None,
    )


def _groups(scope: Scope, previous: Scope | None) -> Select[Any]:
    """A row for each kind of donor, with how many there are and what they gave in the period."""
    inside = within(scope, T.transaction_date, T.local_date)
    earlier = within(previous, T.transaction_date, T.local_date) if previous else false()
    if scope.period.rolling:
        ahead, until = T.transaction_date < scope.period.start, T.transaction_date < scope.period.end
    else:
        ahead, until = T.local_date < scope.period.first, T.local_date <= scope.period.last
    each = (
        select(
            T.counterparty_id.label("donor_id"),
            func.coalesce(func.sum(T.reporting_amount).filter(inside), 0).label("total"),
            func.max(T.counterparty_country).filter(inside).label("country"),
            func.bool_or(inside).label("gave"),
            func.bool_or(ahead).label("known"),
            func.bool_or(earlier).label("before"),
        )
        .where(given(scope), T.counterparty_id.is_not(None), until)
        .group_by(T.counterparty_id)
        .having(func.bool_or(inside | earlier))
        .subquery()
        .c
    )
    rank = func.row_number().over(partition_by=each.gave, order_by=(each.total.desc(), each.donor_id))
    bounds = literal([Decimal(bound) for bound in BOUNDS], ARRAY(Numeric))
    kinds = (
        each.gave,
        each.known,
        each.before,
        each.country,
        func.width_bucket(each.total, bounds).label("band"),
        (rank <= _TOP).label("top"),
    )
    kind = select(*kinds, each.total).subquery().c
    grouped = [kind[column.name] for column in kinds]
    return select(*grouped, func.count().label("donors"), func.sum(kind.total).label("revenue")).group_by(
        *grouped
    )


def _sum(rows: Iterable[RowMapping]) -> tuple[int, Decimal]:
    donors, revenue = 0, Decimal(0)
    for row in rows:
        donors += row["donors"]
        revenue += row["revenue"]
    return donors, revenue


def _gathered(countries: Mapping[str, Group]) -> dict[str, Group]:
    """The largest first, the small ones gathered into one; that and the unknown ones stand last."""
    large = {country: group for country, group in countries.items() if (group.donors or 0) >= FEWEST}
    small = [group for country, group in countries.items() if country not in large]
    if small:
        revenue = sum((group.revenue or Decimal(0) for group in small), Decimal(0))
        large[OTHER] = Group(sum(group.donors or 0 for group in small), revenue)

    def order(country: str) -> tuple[bool, bool, int, str]:
        return country == "", country == OTHER, -(large[country].donors or 0), country

    return {country: large[country] for country in sorted(large, key=order)}


def _may_show_top(donors: int) -> bool:
    """The ten largest, and those who are left, are groups like others."""
    return donors >= FEWEST and not 0 < donors - _TOP < FEWEST


def _partition(sizes: list[int]) -> list[int | None]:
    secret = hidden(sizes)
    return [None if index in secret else size for index, size in enumerate(sizes)]


def _hide(groups: list[Group]) -> list[Group]:
    """Where any group is hidden, the others show no revenue: the rest of the whole would be theirs."""
    secret = hidden([group.donors or 0 for group in groups])

    def may_show(index: int, group: Group) -> Group:
        if index in secret:
            return Group(None, None)
        return replace(group, revenue=None) if secret and group.donors else group

    return [may_show(index, group) for index, group in enumerate(groups)]
