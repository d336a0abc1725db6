"""Affiliate income: how many payments there were, and what each programme brought."""

from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from models.database import Database
from models.schema import revenue_daily
from services.metrics import revenue
from services.metrics.breakdown import Breakdown, break_down
from services.metrics.buckets import within
from services.metrics.metric import Good, Metric, Unit
from services.metrics.revenue import movements, tally
from services.scope import Scope

D = revenue_daily.c

METRICS = (
    Metric(
        "affiliateSales",
        "Affiliate payments",
        Unit.COUNT,
        Good.UP,
        "How many payments of affiliate programmes were completed.",
        "Completed and refunded affiliate payments, on their day.",
        tally("sales", "affiliate"),
    ),
)
_BY_PROGRAMME = (*(metric for metric in revenue.METRICS if metric.key == "affiliate"), *METRICS)


def programmes(database: Database, scope: Scope, limit: int = 20) -> Breakdown:
    """Affiliate revenue and payments by programme, which is their category ("" where none is known), the
    most first."""

    def by_programme(asked: Scope) -> Select[Any]:
        each: Any = D
        where = [D.profile_id == asked.profile.profile_id, within(asked, D.local_date, D.local_date)]
        if asked.period.rolling:
            each, where = movements(asked), []
        return (
            select(
                each.category.label("key"),
                func.sum(each.gross).label("affiliate"),
                cast(func.sum(each.sales), BigInteger).label("affiliateSales"),
            )
            .where(each.source == "affiliate", *where)
            .group_by(each.category)
            .having(func.sum(each.sales) > 0)
        )

    return break_down(database, scope, _BY_PROGRAMME, by_programme, limit)
