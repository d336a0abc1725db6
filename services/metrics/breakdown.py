"""Figures by an attribute (referral source, gift category, channel): the same metrics, a row each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, Select

from models.database import Database
from services.metrics.metric import Metric, Value, ratio
from services.metrics.report import comparable
from services.scope import Scope


@dataclass(frozen=True)
class Row:
    """One value of the attribute. `values` and `before` (the compared period; None when nothing can be
    compared) are by metric key; `share` is its part of what all rows have of the first metric, 0-1."""

    key: str
    values: Mapping[str, Value]
    share: Value
    before: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Breakdown:
    """Rows by the first of `metrics`, the largest first. `more` counts the rows left out by the limit."""

    scope: Scope
    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...]
    more: int = 0


def break_down(
    database: Database,
    scope: Scope,
    metrics: Sequence[Metric],
    select: Callable[[Scope], Select[Any]],
    limit: int | None,
    *,
    then: str | None = None,
    gone: bool = False,
    known: Callable[[Scope], bool] = lambda compared: True,
) -> Breakdown:
    """`select(scope)` gives rows with `key` and a column for each metric that is not computed from others;
    all of them are kept when `limit` is None.

    Rows that are alike in the first metric go by the one of the key `then`. With `gone`, values that
    there were in the compared period alone get a row too. `known` says whether there is anything to compare
    with in a period.
    """
    compared = scope.before()
    with database.snapshot() as tx:
        if compared and not (known(compared) and comparable(tx, compared)):
            compared = None
        found = {row["key"]: _values(row, metrics) for row in tx.rows(select(scope))}
        before = {row["key"]: _values(row, metrics) for row in tx.rows(select(compared))} if compared else {}
    nothing = _values({}, metrics)
    if gone:
        found |= dict.fromkeys(before.keys() - found.keys(), nothing)
    first = metrics[0].key
    by = (first, then or first)
    whole = sum(values[first] or 0 for values in found.values())
    ordered = sorted(found.items(), key=lambda item: (*(-(item[1][key] or 0) for key in by), item[0]))
    rows = tuple(
        Row(key, values, ratio(values[first], whole), before.get(key, nothing) if compared else None)
        for key, values in ordered[:limit]
    )
    return Breakdown(scope, tuple(metrics), rows, more=len(ordered) - len(rows))


def most_changed(data: Breakdown, limit: int) -> Breakdown:
    """The rows whose first metric changed most, either way; none when there is nothing to compare with."""
    first = data.metrics[0].key

    def moved(row: Row) -> Decimal:
        return abs(Decimal(row.values[first] or 0) - Decimal((row.before or {}).get(first) or 0))

    changed = [row for row in data.rows if row.before is not None and moved(row)]
    ordered = sorted(changed, key=lambda row: (-moved(row), row.key))
    return replace(data, rows=tuple(ordered[:limit]), more=0)


def _values(row: Mapping[str, Any] | RowMapping, metrics: Sequence[Metric]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for metric in metrics:
        if metric.combine:
            values[metric.key] = metric.combine(*(values[need] for need in metric.needs))
        else:
            values[metric.key] = row.get(metric.key, 0)
    return values
