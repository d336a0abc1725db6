"""Revenue: what was earned, by source, what was given back, and what is still to come."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func

from models.period import Granularity
from models.schema import revenue_daily, transaction_refunds, transactions
from services.metrics.buckets import by_bucket, by_day, within
from services.metrics.metric import Good, Metric, Unit, difference
from services.rollups.money import movements
from services.scope import Scope

D, T, R = revenue_daily.c, transactions.c, transaction_refunds.c


def tally(column: str, source: str | None = None) -> Any:
    """Sums a column of revenue_daily, of one source or of all; by the hour it looks at the
    transactions of that one day."""
    count = column in {"sales", "refund_count", "pending_count"}

    def statement(scope: Scope) -> Select[Any]:
        own = scope.profile.profile_id
        if scope.granularity is Granularity.HOUR:
            sold = (T.profile_id == own) & within(scope, T.transaction_date, T.local_date)
            given_back = (R.profile_id == own) & within(scope, R.refunded_at, R.local_date)
            each = movements(sold, given_back).subquery().c
            return by_bucket(scope, each.at, each.local_date, _total(each[column], count), *_of(each, source))
        return by_day(scope, D.local_date, _total(D[column], count), D.profile_id == own, *_of(D, source))

    return statement


def _total(column: ColumnElement[Any], count: bool) -> ColumnElement[Any]:
    total = func.coalesce(func.sum(column), 0)
    return cast(total, BigInteger) if count else total


def _of(columns: Any, source: str | None) -> list[ColumnElement[bool]]:
    return [] if source is None else [columns.source == source]


METRICS = (
    Metric(
        "gross",
        "Gross revenue",
        Unit.MONEY,
        Good.UP,
        "Everything that was paid, on the day of the sale; of a shared booking only your part.",
        "Bookings + gifts + subscriptions + affiliate; completed and refunded sales.",
        tally("gross"),
    ),
    Metric(
        "refunds",
        "Refunds",
        Unit.MONEY,
        Good.DOWN,
        "What was given back, on the day it was given back.",
        "Amounts given back, whenever they had been sold.",
        tally("refunds"),
    ),
    Metric(
        "net",
        "Net revenue",
        Unit.MONEY,
        Good.UP,
        "Gross revenue less refunds.",
        "Gross revenue − refunds.",
        needs=("gross", "refunds"),
        combine=difference,
    ),
    Metric(
        "pending",
        "Pending",
        Unit.MONEY,
        Good.NEITHER,
        "Announced but not completed yet; it is in no sum.",
        "Amounts of sales that are not completed.",
        tally("pending"),
    ),
    Metric(
        "bookings",
        "Bookings",
        Unit.MONEY,
        Good.UP,
        "Gross revenue from bookings; of a shared booking only your part.",
        "Your part of completed and refunded bookings, on the day of the sale.",
        tally("gross", "booking"),
    ),
    Metric(
        "gifts",
        "Gifts",
        Unit.MONEY,
        Good.UP,
        "Gross revenue from gifts.",
        "Completed and refunded gifts, on the day of the sale.",
        tally("gross", "gift"),
    ),
    Metric(
        "subscriptions",
        "Subscriptions",
        Unit.MONEY,
        Good.UP,
        "Gross revenue from subscriptions.",
        "Completed and refunded charges, on their day.",
        tally("gross", "subscription"),
    ),
    Metric(
        "affiliate",
        "Affiliate",
        Unit.MONEY,
        Good.UP,
        "Gross revenue from affiliate programmes.",
        "Completed and refunded affiliate income, on its day.",
        tally("gross", "affiliate"),
    ),
    Metric(
        "partnerShare",
        "Partners' share",
        Unit.MONEY,
        Good.NEITHER,
        "What partners got of shared bookings; it is in no sum of yours.",
        "The partners' part of shared bookings − what was refunded of it.",
        tally("partner_share", "booking"),
    ),
    Metric(
        "sales",
        "Sales",
        Unit.COUNT,
        Good.UP,
        "How many payments were completed, of all sources.",
        "Completed and refunded sales of all sources.",
        tally("sales"),
    ),
)
SOURCE_METRICS = {
    "booking": "bookings",
    "gift": "gifts",
    "subscription": "subscriptions",
    "affiliate": "affiliate",
}
"""The metric of each type of transaction: gross revenue by source."""
SOURCES = tuple(SOURCE_METRICS.values())
"""Their keys; they sum to `gross`."""
