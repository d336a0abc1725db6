"""Gifts: what is given, and by how many."""

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


def given(scope: Scope) -> Any:
    """The gifts that count: completed, and with a rate to convert them by."""
    own = (T.profile_id == scope.profile.profile_id) & (T.transaction_type == "gift")
    return own & SOLD & T.reporting_amount.is_not(None)


def _donors(scope: Scope) -> Select[Any]:
    distinct = func.count(T.counterparty_id.distinct())
    return by_bucket(scope, T.transaction_date, T.local_date, distinct, given(scope))


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


def categories(database: Database, scope: Scope, limit: int | None = 100) -> Breakdown:
    """Revenue and number of gifts by category ("" where none is known), the most first: `limit` of
    them, all when it is None."""

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
                .where(given(asked), within(asked, T.transaction_date, T.local_date))
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
