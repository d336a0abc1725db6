"""Gifts: what is given, by whom, and what of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from models.database import Database
from models.schema import revenue_daily, transactions
from services.metrics.breakdown import Breakdown, break_down
from services.metrics.buckets import by_bucket, within
from services.metrics.metric import Good, Metric, Unit, ratio
from services.metrics.revenue import tally
from services.rollups.money import SOLD
from services.scope import Scope

D, T = revenue_daily.c, transactions.c
_MOST_DIGITS = 30


def _gifts(scope: Scope) -> Any:
    """The gifts that count: completed, and with a rate to convert them by."""
    own = (T.profile_id == scope.profile.profile_id) & (T.transaction_type == "gift")
    return own & SOLD & T.reporting_amount.is_not(None)


def _donors(scope: Scope) -> Select[Any]:
    distinct = func.count(T.counterparty_id.distinct())
    return by_bucket(scope, T.transaction_date, T.local_date, distinct, _gifts(scope))


METRICS = (
    Metric(
        "giftRevenue",
        "Gift revenue",
        Unit.MONEY,
        Good.UP,
        "What all gifts together brought.",
        "Amounts of completed and refunded gifts, on the day of the sale.",
        tally("gross", "gift"),
    ),
    Metric(
        "giftCount",
        "Gifts",
        Unit.COUNT,
        Good.UP,
        "How many gifts were given.",
        "Completed and refunded gifts.",
        tally("sales", "gift"),
    ),
    Metric(
        "donorCount",
        "Donors",
        Unit.COUNT,
        Good.UP,
        "How many different people gave; gifts without a known giver are left out.",
        "Different donors among the gifts of the day, week, month or whole period that is shown.",
        _donors,
    ),
    Metric(
        "averageGift",
        "Average gift",
        Unit.MONEY,
        Good.UP,
        "Gift revenue divided by the number of gifts.",
        "Gift revenue ÷ gifts.",
        needs=("giftRevenue", "giftCount"),
        combine=ratio,
    ),
)
_BY_CATEGORY = tuple(metric for metric in METRICS if metric.key in {"giftRevenue", "giftCount"})


@dataclass(frozen=True)
class Donor:
    """What one person gave in the period: `total` in the reporting currency, the days of the first
    and the last gift in it."""

    donor_id: str
    total: Decimal
    gifts: int
    first_gift: date
    last_gift: date
    country: str | None


@dataclass(frozen=True)
class DonorPage:
    """Donors by what they gave, the most first. `next` is where the following page begins (the total
    and the id of the last donor here), None on the last page."""

    scope: Scope
    donors: tuple[Donor, ...]
    next: tuple[Decimal, str] | None


def place(total: str, donor_id: str) -> tuple[Decimal, str] | None:
    """Where a page of donors begins, from its two parts as text; None when they can't be such a place."""
    try:
        amount = Decimal(total)
    except InvalidOperation:
        return None
    sane = amount.is_finite() and abs(amount.adjusted()) <= _MOST_DIGITS and "\x00" not in donor_id
    return (amount, donor_id) if sane else None


def categories(database: Database, scope: Scope, limit: int = 100) -> Breakdown:
    """Revenue and number of gifts by category ("" where none is known), the most first."""

    def by_category(asked: Scope) -> Select[Any]:
        own = asked.profile.profile_id
        if asked.period.rolling:
            category = func.coalesce(T.category, "")
            return (
                select(
                    category.label("key"),
                    func.coalesce(func.sum(T.reporting_amount), 0).label("giftRevenue"),
                    func.count(T.reporting_amount).label("giftCount"),
                )
                .where(_gifts(asked), within(asked, T.transaction_date, T.local_date))
                .group_by(category)
            )
        return (
            select(
                D.category.label("key"),
                func.sum(D.gross).label("giftRevenue"),
                cast(func.sum(D.sales), BigInteger).label("giftCount"),
            )
            .where(D.profile_id == own, D.source == "gift", within(asked, D.local_date, D.local_date))
            .group_by(D.category)
            .having(func.sum(D.sales) > 0)
        )

    return break_down(database, scope, _BY_CATEGORY, by_category, limit)


def donors(
    database: Database, scope: Scope, after: tuple[Decimal, str] | None = None, limit: int = 50
) -> DonorPage:
    """A page of the period's donors; `after` is the `next` of the page before."""
    total = func.coalesce(func.sum(T.reporting_amount), 0).label("total")
    each = (
        select(
            T.counterparty_id.label("donor_id"),
            total,
            func.count().label("gifts"),
            func.min(T.local_date).label("first_gift"),
            func.max(T.local_date).label("last_gift"),
            func.max(T.counterparty_country).label("country"),
        )
        .where(_gifts(scope), T.counterparty_id.is_not(None), within(scope, T.transaction_date, T.local_date))
        .group_by(T.counterparty_id)
        .subquery()
        .c
    )
    statement = select(*each).order_by(each.total.desc(), each.donor_id).limit(limit + 1)
    if after is not None:
        statement = statement.where(
            (each.total < after[0]) | ((each.total == after[0]) & (each.donor_id > after[1]))
        )
    with database.transaction() as tx:
        found = [Donor(**row) for row in tx.rows(statement)]
    page = tuple(found[:limit])
    return DonorPage(scope, page, (page[-1].total, page[-1].donor_id) if len(found) > limit else None)
