"""Marketing return: what each channel costs, whom it brings, and what that may be worth."""

from typing import Any

from sqlalchemy import BigInteger, Numeric, case, cast, func, literal, literal_column, or_, select, union_all

from models.database import Database
from models.schema import cost_entries, profile_performance, revenue_daily, traffic_breakdown
from services.metrics import costs, traffic
from services.metrics.breakdown import Breakdown, break_down
from services.metrics.buckets import within
from services.metrics.metric import Good, Metric, Unit, ratio
from services.scope import Scope

B, C, D, P = traffic_breakdown.c, cost_entries.c, revenue_daily.c, profile_performance.c

METRICS = (
    Metric(
        "costPerView",
        "Cost per view",
        Unit.MONEY,
        Good.DOWN,
        "What was spent on marketing for each view.",
        "Marketing ÷ views.",
        needs=("marketing", "views"),
        combine=ratio,
    ),
    Metric(
        "costPerInquiry",
        "Cost per inquiry",
        Unit.MONEY,
        Good.DOWN,
        "What was spent on marketing for each inquiry.",
        "Marketing ÷ inquiries.",
        needs=("marketing", "inquiries"),
        combine=ratio,
    ),
)
_KNOWN = {metric.key: metric for metric in (*costs.METRICS, *traffic.METRICS)}
CHANNEL_METRICS = (
    _KNOWN["marketing"],
    _KNOWN["views"],
    _KNOWN["inquiries"],
    *METRICS,
    Metric(
        "attributedRevenue",
        "Attributed revenue",
        Unit.MONEY,
        Good.UP,
        "The part of net revenue that goes with the channel's part of the inquiries; an estimate.",
        "In each month: net revenue × the channel's inquiries ÷ all inquiries.",
    ),
    Metric(
        "returnOnSpend",
        "Return on spend",
        Unit.NUMBER,
        Good.UP,
        "How much attributed revenue stands against each unit spent on the channel.",
        "Attributed revenue ÷ marketing.",
        needs=("attributedRevenue", "marketing"),
        combine=ratio,
    ),
)
"""What is known of a channel; the last two of a channel alone, as only a channel's revenue is attributed."""


def by_channel(database: Database, scope: Scope, limit: int | None = 100) -> Breakdown:
    """CHANNEL_METRICS by channel, the dearest first, then those with most attributed revenue, `limit` of them
    (all when it is None): channels that have costs and referral sources that brought inquiries, which are
    one where they have the same name but for its capitals. "" are costs that name no channel, to which
    nothing can be attributed. Views and inquiries are counted by whole days, over the last 24 hours those
    that they touch."""
    return break_down(database, scope, CHANNEL_METRICS, _by_channel, limit, then="attributedRevenue")


def _by_channel(scope: Scope) -> Any:
    spent = select(
        func.coalesce(C.channel, "").label("name"),
        _month(C.expense_date).label("month"),
        func.coalesce(C.reporting_amount, 0).label("marketing"),
        literal(0).label("views"),
        literal(0).label("inquiries"),
    ).where(
        C.profile_id == scope.profile.profile_id,
        within(scope, costs.spent_at(scope), C.expense_date),
        C.category == "marketing",
    )
    seen = select(B.value, _month(B.local_date), literal(0), B.views, B.inquiries).where(
        *_own(scope, B, B.local_date), B.dimension == "source", or_(B.views > 0, B.inquiries > 0)
    )
    each = union_all(spent, seen).subquery("each").c
    folded = func.lower(each.name)
    monthly = (
        select(
            folded.label("folded"),
            each.month,
            func.min(each.name).label("name"),
            *(func.sum(each[name]).label(name) for name in ("marketing", "views", "inquiries")),
        )
        .group_by(folded, each.month)
        .subquery("monthly")
    )
    worth = _worth_of_inquiries(scope)
    m = monthly.c
    its_part = func.coalesce(func.sum(m.inquiries * worth.c.revenue / worth.c.inquiries), 0)
    # Nobody knows whom a cost brought that names no channel.
    attributed = case((m.folded == "", None), else_=its_part)
    return (
        select(
            func.min(m.name).label("key"),
            func.sum(m.marketing).label("marketing"),
            cast(func.sum(m.views), BigInteger).label("views"),
            cast(func.sum(m.inquiries), BigInteger).label("inquiries"),
            attributed.label("attributedRevenue"),
        )
        .select_from(monthly.outerjoin(worth, worth.c.month == m.month))
        .group_by(m.folded)
        .having(or_(func.sum(m.marketing) > 0, func.sum(m.inquiries) > 0))
    )


def _worth_of_inquiries(scope: Scope) -> Any:
    """Net revenue and the number of inquiries, for each month of the range that has inquiries."""
    earned = (
        select(_month(D.local_date).label("month"), func.sum(D.gross - D.refunds).label("revenue"))
        .where(*_own(scope, D, D.local_date))
        .group_by(_month(D.local_date))
        .subquery("earned")
    )
    asked = (
        select(
            _month(P.local_date).label("month"),
            cast(func.sum(P.inquiries), Numeric).label("inquiries"),
        )
        .where(*_own(scope, P, P.local_date))
        .group_by(_month(P.local_date))
        .having(func.sum(P.inquiries) > 0)
        .subquery("asked")
    )
    return (
        select(asked.c.month, asked.c.inquiries, func.coalesce(earned.c.revenue, 0).label("revenue"))
        .select_from(asked.outerjoin(earned, earned.c.month == asked.c.month))
        .subquery("worth")
    )


def _month(day: Any) -> Any:
    return func.date_trunc(literal_column("'month'"), day)


def _own(scope: Scope, columns: Any, day: Any) -> tuple[Any, ...]:
    return (
        columns.profile_id == scope.profile.profile_id,
        day.between(scope.period.first, scope.period.last),
    )
