"""What the transactions of a profile add up to: by day, source and category, and by partner."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select, union_all

from models.database import Transaction
from models.schema import duo_referral_stats, revenue_daily, transaction_refunds, transactions
from services.rollups.rollup import Difference, Rollup, Step, Where, no_step

T, R = transactions.c, transaction_refunds.c
SOLD = T.status.in_(("completed", "refunded"))
PENDING = T.status == "pending"
_CONVERTED = T.reporting_amount.is_not(None)
_NOTHING = literal(0)


def _if(condition: Any, amount: Any) -> Any:
    return case((condition, func.coalesce(amount, 0)), else_=0)


def movements(sold: Where, given_back: Where) -> Select[Any]:
    """A row for each sale that matches `sold` and each refund that matches `given_back` (expressions
    over transactions, and over transactions and their refunds): when (`at`, `local_date`), of what
    (`source`, `category`), with whom (`partner_id`), and the sums of revenue_daily. Unconverted rows are
    in no sum."""
    category = func.coalesce(T.category, "").label("category")
    source = T.transaction_type.label("source")
    sales = select(
        T.profile_id,
        T.transaction_date.label("at"),
        T.local_date,
        source,
        category,
        T.partner_id,
        _if(SOLD, T.reporting_amount).label("gross"),
        _if(SOLD & _CONVERTED, literal(1)).label("sales"),
        _NOTHING.label("refunds"),
        _NOTHING.label("refund_count"),
        _if(PENDING, T.reporting_amount).label("pending"),
        _if(PENDING & _CONVERTED, literal(1)).label("pending_count"),
        _if(SOLD, T.reporting_partner).label("partner_share"),
    ).where(sold)
    refunds = (
        select(
            T.profile_id,
            R.refunded_at,
            R.local_date,
            source,
            category,
            T.partner_id,
            _NOTHING,
            _NOTHING,
            func.coalesce(R.reporting_amount, 0),
            _if(R.reporting_amount.is_not(None), literal(1)),
            _NOTHING,
            _NOTHING,
            func.coalesce(-R.reporting_partner, 0),
        )
        .select_from(
            transactions.join(
                transaction_refunds, (R.profile_id == T.profile_id) & (R.transaction_id == T.id)
            )
        )
        .where(given_back)
    )
    return select(union_all(sales, refunds).subquery("movements"))


def _revenue(where: Where) -> Select[Any]:
    """Gross on the day of the sale, refunds on the day of the refund."""
    each = movements(where, where).subquery()
    keys = [each.c.profile_id, each.c.local_date, each.c.source, each.c.category]
    sums = [func.sum(each.c[name]).label(name) for name in _REVENUE_SUMS]
    return select(*keys, *sums).group_by(*keys)


_REVENUE_SUMS = ("gross", "sales", "refunds", "refund_count", "pending", "pending_count", "partner_share")


def _duo(where: Where) -> Select[Any]:
    """Completed bookings shared with a partner, less what was refunded; whole refunds are no booking."""
    kept = T.amount - T.refunded_amount
    share = case((T.amount == 0, 0), else_=T.share_amount * kept / func.nullif(T.amount, 0))
    return (
        select(
            T.profile_id,
            T.partner_id,
            T.currency,
            func.count().filter(kept > 0).label("booking_count"),
            func.sum(kept).label("total_revenue"),
            func.sum(func.round(share, 4)).label("profile_revenue"),
        )
        .where(where, T.transaction_type == "booking", T.partner_id.is_not(None), SOLD)
        .group_by(T.profile_id, T.partner_id, T.currency)
    )


REVENUE = Rollup(revenue_daily, ("local_date", "source", "category"), _REVENUE_SUMS, _revenue)
DUO = Rollup(
    duo_referral_stats,
    ("partner_id", "currency"),
    ("booking_count", "total_revenue", "profile_revenue"),
    _duo,
    stamped=True,
)
ROLLUPS = (REVENUE, DUO)
PARTS = len(ROLLUPS)


def add(tx: Transaction, where: Where, at: datetime, sign: int = 1) -> None:
    """Adds what the transactions matching `where` count for now; takes it away with sign -1."""
    for rollup in ROLLUPS:
        rollup.add(tx, where, at, sign)


def rebuild(tx: Transaction, profile_id: UUID, at: datetime, step: Step = no_step) -> None:
    """Counts every money rollup of the profile again from its transactions, in PARTS steps."""
    for rollup in ROLLUPS:
        rollup.rebuild(tx, rollup.table.c.profile_id == profile_id, T.profile_id == profile_id, at)
        step()


def differences(tx: Transaction, profile_id: UUID, step: Step = no_step) -> list[Difference]:
    """Every money figure of the profile that is not what its transactions give; found in PARTS steps."""
    found: list[Difference] = []
    for rollup in ROLLUPS:
        found += rollup.differences(tx, rollup.table.c.profile_id == profile_id, T.profile_id == profile_id)
        step()
    return found
