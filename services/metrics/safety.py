"""Safety: who came from government networks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from models.database import Database
from models.schema import gov_alerts, muted_networks
from services.metrics.buckets import by_bucket, within
from services.metrics.metric import Good, Metric, Unit
from services.scope import Scope

A, M = gov_alerts.c, muted_networks.c


def _counted(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    muted = exists().where(M.profile_id == A.profile_id, M.network_id == A.network_id)
    return A.profile_id == scope.profile.profile_id, ~muted


def _visitors(scope: Scope) -> Select[Any]:
    return by_bucket(scope, A.event_timestamp, A.local_date, func.count(), *_counted(scope))


METRICS = (
    Metric(
        "govVisits",
        "Government visits",
        Unit.COUNT,
        Good.NEITHER,
        "Visits from government and law-enforcement networks: one for each visitor and day, crawlers "
        "included; networks that you muted are left out.",
        "Alerts of the days shown, without those of muted networks.",
        _visitors,
        known=lambda scope: scope.filter is None,
    ),
)


def by_kind(database: Database, scope: Scope) -> Mapping[str | None, int]:
    """The government visits of the period by kind of network (None: the detector can't tell), the kind
    with most first."""
    many = func.count().label("many")
    statement = (
        select(A.kind, many)
        .where(within(scope, A.event_timestamp, A.local_date), *_counted(scope))
        .group_by(A.kind)
        .order_by(many.desc(), A.kind)
    )
    with database.transaction() as tx:
        return {row["kind"]: row["many"] for row in tx.rows(statement)}
