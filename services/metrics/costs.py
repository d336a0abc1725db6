"""Costs: what was spent, by category."""

from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, cast, func

from models.schema import cost_entries
from services.metrics.buckets import by_bucket
from services.metrics.metric import Good, Metric, Unit
from services.scope import Scope

C = cost_entries.c


def spent_at(scope: Scope) -> ColumnElement[Any]:
    """The instant of a cost, which knows its day alone: the first of that day."""
    return func.timezone(scope.profile.time_zone, cast(C.expense_date, DateTime))


def _spent(category: str | None = None) -> Any:
    def statement(scope: Scope) -> Select[Any]:
        where = [C.profile_id == scope.profile.profile_id]
        if category:
            where.append(C.category == category)
        return by_bucket(
            scope, spent_at(scope), C.expense_date, func.coalesce(func.sum(C.reporting_amount), 0), *where
        )

    return statement


METRICS = (
    Metric(
        "costs",
        "Costs",
        Unit.MONEY,
        Good.DOWN,
        "Everything that was spent, of all categories.",
        "Marketing + subscriptions + tools + platform fees.",
        _spent(),
    ),
    Metric(
        "marketing",
        "Marketing",
        Unit.MONEY,
        Good.DOWN,
        "What was spent to be found: advertising and promotion.",
        "Costs of the category marketing, on their day.",
        _spent("marketing"),
    ),
    Metric(
        "subscriptionCosts",
        "Subscriptions",
        Unit.MONEY,
        Good.DOWN,
        "What is paid regularly, such as memberships and software.",
        "Costs of the category subscriptions, on their day.",
        _spent("subscriptions"),
    ),
    Metric(
        "tools",
        "Tools",
        Unit.MONEY,
        Good.DOWN,
        "Equipment, props and other things for the work.",
        "Costs of the category tools, on their day.",
        _spent("tools"),
    ),
    Metric(
        "platformFees",
        "Platform fees",
        Unit.MONEY,
        Good.DOWN,
        "What platforms and payment services keep.",
        "Costs of the category platform fees, on their day.",
        _spent("platform_fees"),
    ),
)
CATEGORY_METRICS = {
    "marketing": "marketing",
    "subscriptions": "subscriptionCosts",
    "tools": "tools",
    "platform_fees": "platformFees",
}
"""The metric of each category; they sum to `costs`."""
