"""Runs metric definitions over a scope: the one way from a definition to its figures."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any

from sqlalchemy import Select

from models.database import Rows, Transaction
from models.period import Bucket, Granularity, bucket_days
from services import profiles
from services.metrics.metric import Metric, Unit, Value, change
from services.scope import Scope

_Series = Mapping[date | datetime | None, Value]


@dataclass(frozen=True)
class Figure:
    """One metric over one scope. `points` has a value for each bucket of the scope (None: not begun
    yet and nothing dated in it, or not measured); `before` and `before_points` are the same over the
    compared period. `comparable`: the profile had data by the first day of that one."""

    metric: Metric
    total: Value
    points: tuple[Value, ...]
    currency: str | None = None
    before: Value = None
    before_points: tuple[Value, ...] = ()
    comparable: bool = True

    @property
    def change(self) -> Decimal | None:
        """Relative change against the compared period; None when there is nothing to compare with, or
        only a part of it."""
        return change(self.total, self.before) if self.comparable else None


@dataclass(frozen=True)
class Report:
    """The figures of one scope by metric key, all read at one instant. `begun` is the first day with any
    data of the profile, None while there is none."""

    scope: Scope
    buckets: tuple[Bucket, ...]
    figures: Mapping[str, Figure]
    compared: Scope | None = field(default=None)
    begun: date | None = None

    def __getitem__(self, key: str) -> Figure:
        return self.figures[key]


def evaluate(tx: Transaction, scope: Scope, metrics: Iterable[str], registry: Mapping[str, Metric]) -> Report:
    """The figures of `metrics` (keys of `registry`) over `scope`, and over what it is compared with; `tx` is
    a snapshot, so that all of them are of one instant."""
    compared = scope.before()
    now = _Evaluation(tx, scope, registry)
    before = _Evaluation(tx, compared, registry) if compared else None
    begun = profiles.first_day(tx, scope.profile.profile_id)
    fair = compared is not None and _covers(begun, compared)
    figures = {
        key: Figure(
            metric=registry[key],
            total=now.total(key),
            points=now.points(key),
            currency=scope.currency if registry[key].unit is Unit.MONEY else None,
            before=before.total(key) if before else None,
            before_points=before.points(key) if before else (),
            comparable=fair,
        )
        for key in metrics
    }
    return Report(scope, scope.buckets, figures, compared, begun)


def comparable(tx: Transaction, compared: Scope) -> bool:
    """Whether the profile had data by the first day of the period to compare with: a part of a period
    is no measure for a whole one."""
    return _covers(profiles.first_day(tx, compared.profile.profile_id), compared)


def _covers(begun: date | None, compared: Scope) -> bool:
    return begun is not None and begun <= compared.period.first


class _Evaluation:
    """Runs each statement at most once."""

    def __init__(self, tx: Transaction, scope: Scope, registry: Mapping[str, Metric]):
        self._tx = tx
        self._scope = scope
        self._registry = registry
        self._selected: dict[Callable[[Scope], Select[Any]], Rows] = {}
        self._buckets = scope.buckets

    def total(self, key: str) -> Value:
        metric = self._registry[key]
        if metric.combine:
            return metric.combine(*(self.total(need) for need in metric.needs))
        if not metric.known(self._scope):
            return None
        series = self._series(metric)
        if metric.level and all(bucket.future for bucket in self._buckets):
            return None
        return series.get(None, metric.nothing)

    def points(self, key: str) -> tuple[Value, ...]:
        metric = self._registry[key]
        if metric.combine:
            needed = zip(*(self.points(need) for need in metric.needs), strict=True)
            return tuple(
                metric.combine(*(_dated(values) if bucket.future else values))
                for bucket, values in zip(self._buckets, needed, strict=True)
            )
        if not metric.known(self._scope):
            return (None,) * len(self._buckets)
        series = self._series(metric)
        if metric.level:
            return self._levels(series)
        return tuple(
            series.get(_key(bucket, self._scope.granularity), None if bucket.future else metric.nothing)
            for bucket in self._buckets
        )

    def _levels(self, series: _Series) -> tuple[Value, ...]:
        """What is there at the end of each bucket; None in those to come."""
        changes = [_number(series.get(_key(bucket, self._scope.granularity))) for bucket in self._buckets]
        levels = accumulate(changes, initial=_number(series.get(None)) - sum(changes))
        return tuple(
            None if bucket.future else level
            for bucket, level in zip(self._buckets, islice(levels, 1, None), strict=True)
        )

    def _series(self, metric: Metric) -> _Series:
        assert metric.select, f"{metric.key} has neither select nor combine"
        if metric.select not in self._selected:
            self._selected[metric.select] = self._tx.rows(metric.select(self._scope))
        return {row["bucket"]: row[metric.column] for row in self._selected[metric.select]}


def _number(value: Value) -> int | Decimal:
    return 0 if value is None else value


def _dated(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """In a bucket to come, what has something dated in it makes zeros of the others."""
    return values if all(value is None for value in values) else tuple(value or 0 for value in values)


def _key(bucket: Bucket, granularity: Granularity) -> date | datetime:
    """How SQL names the bucket: hours by their instant, the rest by the first day of the whole bucket."""
    return bucket.start if granularity is Granularity.HOUR else bucket_days(bucket.first, granularity)[0]
