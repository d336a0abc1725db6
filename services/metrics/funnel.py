"""The gift funnel: from seeing the profile to giving."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select

from models.database import Database
from models.period import Comparison
from models.schema import traffic_breakdown
from services.metrics.metric import Value
from services.metrics.registry import report
from services.scope import Scope

B = traffic_breakdown.c
_FUNNEL = ("views", "uniqueVisitors", "giftCount", "donorCount")


@dataclass(frozen=True)
class Step:
    """One step of the gift funnel: distinct `visitors` where they are known, and the `count` beside."""

    key: str
    label: str
    visitors: Value
    count: Value


# The click targets of the steps between a view and a purchase.
_TARGETS = (
    ("catalog", "Opened the gift list", B.value == "gift-catalog"),
    ("item", "Looked at a gift", B.value.startswith("gift:")),
    ("checkout", "Went to pay", B.value == "gift-checkout"),
)


def funnel(database: Database, scope: Scope) -> tuple[Step, ...]:
    """From the view to the purchase. Clicks are kept by day: over the last 24 hours the days they
    touch are counted."""
    figures = report(database, replace(scope, comparison=Comparison.NONE), _FUNNEL)
    clicks = [func.coalesce(func.sum(B.clicks).filter(target), 0).label(key) for key, _, target in _TARGETS]
    days = B.local_date.between(scope.period.first, scope.period.last)
    statement = select(*clicks).where(B.profile_id == scope.profile.profile_id, B.dimension == "target", days)
    with database.transaction() as tx:
        (counted,) = tx.rows(statement)
    between = [Step(key, label, None, int(counted[key])) for key, label, _ in _TARGETS]
    viewed = Step("view", "Saw the profile", figures["uniqueVisitors"].total, figures["views"].total)
    bought = Step("purchase", "Gave a gift", figures["donorCount"].total, figures["giftCount"].total)
    return (viewed, *between, bought)
