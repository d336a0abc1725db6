"""Profit and loss: revenue by source, less refunds, less fees, less costs."""

from typing import Any

from sqlalchemy import func, literal, select, union_all

from models.database import Database, Transaction
from models.schema import cost_entries, transaction_refunds, transactions
from services.metrics.buckets import within
from services.metrics.costs import spent_at
from services.metrics.registry import METRICS, report_in
from services.metrics.statement import Line, RateUsed, Row, Statement, Unconverted
from services.scope import Scope

T, R, C = transactions.c, transaction_refunds.c, cost_entries.c

# The statement from top to bottom: metric, how its line is set, whether it is taken off.
_LINES = (
    ("bookings", Row.ITEM, False),
    ("gifts", Row.ITEM, False),
    ("subscriptions", Row.ITEM, False),
    ("affiliate", Row.ITEM, False),
    ("gross", Row.SUBTOTAL, False),
    ("refunds", Row.ITEM, True),
    ("net", Row.SUBTOTAL, False),
    ("platformFees", Row.ITEM, True),
    ("grossProfit", Row.SUBTOTAL, False),
    ("grossMargin", Row.MARGIN, False),
    ("marketing", Row.ITEM, True),
    ("subscriptionCosts", Row.ITEM, True),
    ("tools", Row.ITEM, True),
    ("netProfit", Row.RESULT, False),
    ("netMargin", Row.MARGIN, False),
)
KEYS = tuple(key for key, _, _ in _LINES)
"""The metrics of the statement, from top to bottom."""
PARTS = {key: -1 if less else 1 for key, row, less in _LINES if row is Row.ITEM}
"""What net profit is made of, with the sign that each goes into it with."""


def statement(database: Database, scope: Scope) -> Statement:
    """The statement over the scope's buckets, with a total and the compared period beside it."""
    with database.snapshot() as tx:
        figures = report_in(tx, scope, KEYS)
        used, apart = _rates_used(tx, scope), _unconverted(tx, scope)
    lines = tuple(Line(key, METRICS[key].label, row, figures[key], less=less) for key, row, less in _LINES)
    return Statement(figures, lines, used, apart)


def unconverted(database: Database, scope: Scope) -> tuple[Unconverted, ...]:
    """The period's sales, refunds and costs that have no rate, by kind and currency; they are in no sum."""
    with database.transaction() as tx:
        return _unconverted(tx, scope)


def _rates_used(tx: Transaction, scope: Scope) -> tuple[RateUsed, ...]:
    """The exchange rates behind the period's amounts, by currency."""
    rows = union_all(
        *(
            select(table.c.currency, table.c.rate, table.c.rate_date).where(
                table.c.profile_id == scope.profile.profile_id,
                within(scope, at, day),
                table.c.rate.is_not(None),
            )
            for table, at, day in _dated(scope)
        )
    ).subquery()
    statement = (
        select(
            rows.c.currency,
            func.min(rows.c.rate).label("low"),
            func.max(rows.c.rate).label("high"),
            func.min(rows.c.rate_date).label("first"),
            func.max(rows.c.rate_date).label("last"),
            func.count().label("rows"),
        )
        .group_by(rows.c.currency)
        .order_by(rows.c.currency)
    )
    return tuple(RateUsed(**row) for row in tx.rows(statement))


def _unconverted(tx: Transaction, scope: Scope) -> tuple[Unconverted, ...]:
    own = scope.profile.profile_id
    amounts = [
        select(literal(table.name).label("what"), table.c.currency, table.c.amount).where(
            table.c.profile_id == own, within(scope, at, day), table.c.reporting_amount.is_(None)
        )
        for table, at, day in _dated(scope)
    ]
    given_back = (
        select(literal(transaction_refunds.name), T.currency, R.amount)
        .join_from(
            transaction_refunds, transactions, (T.profile_id == R.profile_id) & (T.id == R.transaction_id)
        )
        .where(
            R.profile_id == own,
            within(scope, R.refunded_at, R.local_date),
            R.reporting_amount.is_(None),
        )
    )
    rows = union_all(*amounts, given_back).subquery()
    statement = (
        select(
            rows.c.what,
            rows.c.currency,
            func.sum(rows.c.amount).label("amount"),
            func.count().label("rows"),
        )
        .group_by(rows.c.what, rows.c.currency)
        .order_by(rows.c.what, rows.c.currency)
    )
    return tuple(Unconverted(**row) for row in tx.rows(statement))


def _dated(scope: Scope) -> tuple[tuple[Any, Any, Any], ...]:
    """The tables that hold amounts, with the instant and the day that their rows count on."""
    return (
        (transactions, T.transaction_date, T.local_date),
        (cost_entries, spent_at(scope), C.expense_date),
    )
