"""The gift funnel: from seeing the profile to giving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, func, select

from models.database import Database
from models.period import Comparison
from models.schema import funnel_visitors, traffic_breakdown
from services.metrics.buckets import within
from services.metrics.metric import Value, ratio
from services.metrics.registry import report_in
from services.rollups.traffic import STEP, STEPS, E, step_of
from services.scope import Scope

B, F = traffic_breakdown.c, funnel_visitors.c
_FIGURES = ("views", "uniqueVisitors", "giftCount", "donorCount")
_BETWEEN = {
    "catalog": "Opened the gift list",
    "item": "Looked at a gift",
    "checkout": "Went to pay",
}


@dataclass(frozen=True)
class Step:
    """One step of the gift funnel: `visitors` are the different people over the whole period (None where
    they are not told apart), `count` is how often it happened. `onward` is the share of the people who
    are also counted at the next step, 0-1: None at the last one, without people, and where the next
    step has more of them (gifts that did not come about on the profile)."""

    key: str
    label: str
    visitors: Value
    count: Value
    onward: Value = None


def funnel(database: Database, scope: Scope) -> tuple[Step, ...]:
    """From the view to the purchase, in order. People who give are told apart as donors, all the others
    as visitors."""
    with database.snapshot() as tx:
        figures = report_in(tx, replace(scope, comparison=Comparison.NONE), _FIGURES)
        rows = [row for statement in _statements(scope) for row in tx.rows(statement)]
    views, people, gifts, donors = (figures[key].total for key in _FIGURES)
    clicked: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        clicked[row["step"]] = {**clicked.get(row["step"], {}), **row}
    steps = (
        Step("view", "Saw the profile", people, views),
        *(_step(key, label, clicked.get(key, {})) for key, label in _BETWEEN.items()),
        Step("purchase", "Gave a gift", None if gifts and not donors else donors, gifts),
    )
    return (*(replace(one, onward=_onward(one, following)) for one, following in pairwise(steps)), steps[-1])


def _statements(scope: Scope) -> tuple[Select[Any], ...]:
    """Rows of steps with their visitors and their clicks."""
    own = scope.profile.profile_id
    if scope.period.rolling:
        both = (func.count(E.visitor_key.distinct()).label("visitors"), func.count().label("clicks"))
        inside = within(scope, E.timestamp, E.local_date)
        return (select(STEP.label("step"), *both).where(E.profile_id == own, inside, STEPS).group_by(STEP),)
    visitors = (
        select(F.step, func.count(F.visitor_key.distinct()).label("visitors"))
        .where(F.profile_id == own, within(scope, F.local_date, F.local_date))
        .group_by(F.step)
    )
    step = step_of(B.value).label("step")
    clicks = (
        select(step, func.sum(B.clicks).label("clicks"))
        .where(B.profile_id == own, B.dimension == "target", within(scope, B.local_date, B.local_date))
        .group_by(step)
    )
    return visitors, clicks


def _step(key: str, label: str, row: Mapping[str, Any]) -> Step:
    return Step(key, label, int(row.get("visitors") or 0), int(row.get("clicks") or 0))


def _onward(step: Step, following: Step) -> Value:
    if step.visitors is None or following.visitors is None or following.visitors > step.visitors:
        return None
    return ratio(following.visitors, step.visitors)
