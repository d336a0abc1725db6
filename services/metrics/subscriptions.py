"""Subscriptions: who stays, who comes and goes, and what a month of them brings.

A subscription is who pays, and for what. A charge keeps it active for one and a half of its intervals,
or until its next charge; then it has lapsed, and the next charge begins it anew. One charged at the very
instant at which it would lapse goes on.
"""

from typing import Any

from sqlalchemy import (
    Date,
    Interval,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from models.period import shift_months
from models.schema import transactions
from services.metrics.buckets import bucket_of, earlier, within
from services.metrics.metric import Good, Metric, Unit
from services.rollups.money import SOLD
from services.scope import Scope

T = transactions.c
# What lapsed before these many months has no part in what follows: the longest charge lasts 18 months.
_MONTHS_BACK = 19
# One and a half intervals; a month also where the interval is not known.
_LASTS = {"week": "10 days 12 hours", "quarter": "4 months 15 days", "year": "18 months"}
_LASTS_ELSE = "1 month 15 days"
_PER_MONTH = {"week": (52, 12), "quarter": (1, 3), "year": (1, 12)}
_PLACES = 8  # of a charge per month: a cent is right whatever the number of subscribers


def _charges(scope: Scope) -> Subquery:
    """The charges that count, each with the one before and after it of the same subscription."""
    interval = func.coalesce(T.billing_interval, "month")
    validity = case(
        *((interval == name, cast(literal(lasts), Interval)) for name, lasts in _LASTS.items()),
        else_=cast(literal(_LASTS_ELSE), Interval),
    )
    monthly = case(
        *(
            (interval == name, func.round(T.reporting_amount * times / parts, _PLACES))
            for name, (times, parts) in _PER_MONTH.items()
        ),
        else_=T.reporting_amount,
    )
    charged = (
        select(
            T.counterparty_id,
            T.item_id,
            T.id,
            T.transaction_date.label("at"),
            T.local_date.label("day"),
            (T.transaction_date + validity).label("until"),
            func.coalesce(monthly, 0).label("monthly"),
        )
        .where(
            T.profile_id == scope.profile.profile_id,
            T.transaction_type == "subscription",
            SOLD,
            or_(T.amount == 0, T.amount > T.refunded_amount),
            or_(T.counterparty_id.is_not(None), T.item_id.is_not(None)),
            T.local_date.between(shift_months(scope.period.first, -_MONTHS_BACK), scope.period.last),
            T.transaction_date <= scope.now,
        )
        .subquery()
        .c
    )
    own: Any = {
        "partition_by": (charged.counterparty_id, charged.item_id),
        "order_by": (charged.at, charged.id),
    }
    return select(
        charged.at,
        charged.day,
        charged.until,
        charged.monthly,
        func.lead(charged.at).over(**own).label("next_at"),
        func.lag(charged.until).over(**own).label("lasted_until"),
        func.lag(charged.monthly).over(**own).label("monthly_before"),
    ).subquery("charges")


def _turns(scope: Scope) -> Any:
    """A row for each charge, and for each subscription that lapsed by now: when (`at`, `day`), whether
    it `began` or `ended` there, and by how much that changes the charges per `month`."""
    charge = select(_charges(scope)).cte("charges").c
    goes_on = charge.lasted_until >= charge.at
    charged = select(
        charge.at,
        charge.day,
        case((goes_on, 0), else_=1).label("began"),
        literal(0).label("ended"),
        (charge.monthly - case((goes_on, charge.monthly_before), else_=0)).label("month"),
    )
    lapsed = select(
        charge.until,
        cast(func.timezone(scope.profile.time_zone, charge.until), Date),
        literal(0),
        literal(1),
        -charge.monthly,
    ).where(
        charge.until <= scope.now,
        or_(charge.next_at.is_(None), charge.next_at > charge.until),
    )
    return union_all(charged, lapsed).subquery("turns").c


def _by_bucket(scope: Scope) -> Select[Any]:
    """A column for each metric: the flows of each bucket and of the period, and by how much the levels
    changed in each bucket and where they stand at the end of the period."""
    turn = _turns(scope)
    inside = within(scope, turn.at, turn.day)
    bucket = case((inside, bucket_of(scope, turn.at, turn.day)))
    return (
        select(
            bucket.label("bucket"),
            func.coalesce(func.sum(turn.began - turn.ended), 0).label("active"),
            func.coalesce(func.sum(turn.month), 0).label("mrr"),
            func.coalesce(func.sum(turn.began).filter(inside), 0).label("new"),
            func.coalesce(func.sum(turn.ended).filter(inside), 0).label("churned"),
        )
        .where(inside | earlier(scope, turn.at, turn.day))
        .group_by(func.grouping_sets(bucket, text("()")))
        # What was before the period is no bucket of it.
        .having(bucket.is_not(None) | (func.grouping(bucket) == 1))
    )


METRICS = (
    Metric(
        "activeSubscribers",
        "Active subscribers",
        Unit.COUNT,
        Good.UP,
        "Subscriptions that are running at the end of the period; someone with two counts twice, and "
        "charges that name neither subscriber nor subscription are left out.",
        "Subscriptions whose last charge, free or paid and not given back in full, is at most one and a "
        "half of its intervals old; an interval that is not known is a month.",
        _by_bucket,
        level=True,
        column="active",
    ),
    Metric(
        "mrr",
        "Monthly recurring revenue",
        Unit.MONEY,
        Good.UP,
        "What the active subscriptions bring in a month, as they stand at the end of the period.",
        "The last charge of each active subscription per month: weekly × 52 ÷ 12, quarterly ÷ 3, yearly "
        "÷ 12; charges without an exchange rate are left out.",
        _by_bucket,
        level=True,
        column="mrr",
    ),
    Metric(
        "newSubscribers",
        "New subscribers",
        Unit.COUNT,
        Good.UP,
        "Subscriptions that began, or began again after they had lapsed.",
        "First charges, and first charges after more than one and a half intervals without one.",
        _by_bucket,
        column="new",
    ),
    Metric(
        "churnedSubscribers",
        "Churned subscribers",
        Unit.COUNT,
        Good.DOWN,
        "Subscriptions that lapsed: no charge came for one and a half of their intervals.",
        "Subscriptions that reached one and a half intervals after their last charge.",
        _by_bucket,
        column="churned",
    ),
)
NAMES = {metric.column: metric.key for metric in METRICS}
"""The keys of the metrics by what they are called where it is clear that subscribers are meant."""
