"""How a metric's statement is cut into the buckets of a scope."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, select, text

from models.period import HOUR, Granularity
from services.scope import Scope


def by_bucket(
    scope: Scope,
    at: ColumnElement[Any],
    day: ColumnElement[Any],
    value: ColumnElement[Any],
    *where: ColumnElement[bool],
) -> Select[Any]:
    """Rows (bucket, value): one for each bucket with data, and one for the whole period, whose
    bucket is null. `at` is the instant of a raw row, asked for by the hour; `day` its local date."""
    bucket = bucket_of(scope, at, day)
    return (
        select(bucket.label("bucket"), value.label("value"))
        .where(within(scope, at, day), *where)
        .group_by(func.grouping_sets(bucket, text("()")))
    )


def by_day(
    scope: Scope, day: ColumnElement[Any], value: ColumnElement[Any], *where: ColumnElement[bool]
) -> Select[Any]:
    """The same over rows that know their day alone."""
    return by_bucket(scope, day, day, value, *where)


def within(scope: Scope, at: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The rows of the period: by instant where it does not begin at midnight, else by local day."""
    days = day.between(scope.period.first, scope.period.last)
    if scope.period.rolling:
        # The days as well: they are what the indexes know.
        return days & (at >= scope.period.start) & (at < scope.period.end)
    return days


def earlier(scope: Scope, at: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The rows before the period."""
    return at < scope.period.start if scope.period.rolling else day < scope.period.first


def bucket_of(scope: Scope, at: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The bucket that a row falls into: hours by their instant, the rest by the whole bucket's first day."""
    if scope.granularity is Granularity.HOUR:
        # Counted from the start of the period, as its buckets are: a clock may change by half an hour.
        return func.date_bin(literal(HOUR), at, literal(scope.period.start))
    if scope.granularity is Granularity.DAY:
        return day
    return cast(func.date_trunc(literal(scope.granularity.value), day), Date)
