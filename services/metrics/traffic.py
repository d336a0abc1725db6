"""Performance: who looks at the profile, from where, and what comes of it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, cast, func, select

from models.database import Database
from models.period import Granularity
from models.schema import (
    engagement_metrics,
    profile_events,
    profile_performance,
    traffic_breakdown,
    visitor_days,
)
from services.metrics.breakdown import Breakdown, break_down, most_changed
from services.metrics.buckets import by_bucket, by_day, within
from services.metrics.metric import Good, Metric, Unit, Value, ratio
from services.rollups.traffic import COUNTED, TALLIES, VIEWS, number_of
from services.scope import LONGEST_FILTERED, Scope

E, P, V, B, M = (
    table.c
    for table in (profile_events, profile_performance, visitor_days, traffic_breakdown, engagement_metrics)
)
DIMENSIONS = ("source", "country", "device", "target")
_COLUMNS = {"source": E.referrer_source, "country": E.country, "device": E.device, "target": E.target}
_BY_ATTRIBUTE = {"total_views": B.views, "inquiries": B.inquiries, "clicks": B.clicks}
"""The tallies that are kept by attribute of the visit, over any range."""
_BY_HOUR = {"total_views": "views", "inquiries": "inquiries", "favorites": "favorites", "shares": "shares"}
"""Those that are kept by the hour, by their metric_type."""


def _tally(column: str) -> Any:
    """Sums a column of profile_performance, or what is kept of it by attribute; by the hour, and with a
    filter over not too many days, it counts the events themselves while they are there."""

    def statement(scope: Scope) -> Select[Any]:
        own = scope.profile.profile_id
        if counts_events(scope):
            return by_bucket(scope, E.timestamp, E.local_date, TALLIES[column], *events_of(scope))
        if _by_hour(scope):
            return _hourly(scope, _BY_HOUR[column])
        if scope.filter:
            kept = _BY_ATTRIBUTE[column]
            these = (B.dimension == scope.filter.dimension) & (B.value == scope.filter.value)
            total = cast(func.coalesce(func.sum(kept), 0), BigInteger)
            return by_day(scope, B.local_date, total, B.profile_id == own, these)
        total = cast(func.coalesce(func.sum(P[column]), 0), BigInteger)
        return by_day(scope, P.local_date, total, P.profile_id == own)

    return statement


def _unique(scope: Scope) -> Select[Any]:
    own = scope.profile.profile_id
    if counts_events(scope):
        distinct = func.count(E.visitor_key.distinct()).filter(VIEWS)
        return by_bucket(scope, E.timestamp, E.local_date, distinct, *events_of(scope))
    return by_day(scope, V.local_date, func.count(V.visitor_key.distinct()), V.profile_id == own)


def _hourly(scope: Scope, metric_type: str) -> Select[Any]:
    day = cast(func.timezone(scope.profile.time_zone, M.recorded_at), Date)
    total = cast(func.coalesce(func.sum(M.value), 0), BigInteger)
    inside = (M.recorded_at >= scope.period.start) & (M.recorded_at < scope.period.end)
    own = (M.profile_id == scope.profile.profile_id) & (M.metric_type == metric_type)
    return by_bucket(scope, M.recorded_at, day, total, own, inside)


def counts_events(scope: Scope) -> bool:
    """Whether single events are counted: those of one day or, with a filter, of so many days as no rollup
    keeps every figure of. Not where a closed month has begun by then, whose events are gone."""
    until = scope.profile.closed_until
    if until is not None and scope.period.start < until:
        return False
    return _by_hour(scope) or (scope.filter is not None and scope.period.days <= LONGEST_FILTERED)


def _by_hour(scope: Scope) -> bool:
    return scope.granularity is Granularity.HOUR


def events_of(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """The profile's events that the scope's filter lets through."""
    own = E.profile_id == scope.profile.profile_id
    return (own, _COLUMNS[scope.filter.dimension] == scope.filter.value) if scope.filter else (own,)


def _known(column: str) -> Callable[[Scope], bool]:
    """Whether it is counted from events, or kept as the scope asks for it."""

    def known(scope: Scope) -> bool:
        if counts_events(scope):
            return True
        if _by_hour(scope):
            return scope.filter is None and column in _BY_HOUR
        return scope.filter is None or column in _BY_ATTRIBUTE

    return known


def _seconds(visible_ms: Value, timed_views: Value) -> Value:
    mean = ratio(visible_ms, timed_views)
    return None if mean is None else mean / 1000


METRICS = (
    Metric(
        "views",
        "Views",
        Unit.COUNT,
        Good.UP,
        "How often the profile was looked at; bots and your own visits are left out.",
        "View events, without bots and without your own visits.",
        _tally("total_views"),
        known=_known("total_views"),
    ),
    Metric(
        "uniqueVisitors",
        "Visitors",
        Unit.COUNT,
        Good.UP,
        "How many different people looked at the profile; someone who comes twice counts once. "
        "Visitors are met anew each quarter.",
        "Different visitors among the views of the day, week, month or whole period that is shown.",
        _unique,
        known=_known("unique_visitors"),
    ),
    Metric(
        "inquiries",
        "Inquiries",
        Unit.COUNT,
        Good.UP,
        "How often somebody got in touch through the profile.",
        "Inquiry events, without bots and without your own visits.",
        _tally("inquiries"),
        known=_known("inquiries"),
    ),
    Metric(
        "conversionRate",
        "Conversion",
        Unit.RATIO,
        Good.UP,
        "Inquiries for each view: of 100 views, so many led to an inquiry.",
        "Inquiries ÷ views.",
        needs=("inquiries", "views"),
        combine=ratio,
    ),
    Metric(
        "avgTimeOnProfile",
        "Time on profile",
        Unit.SECONDS,
        Good.UP,
        "How long the profile was visible per view, on average over the views that reported it.",
        "Visible time ÷ views that reported it.",
        needs=("visibleTime", "timedViews"),
        combine=_seconds,
    ),
    Metric(
        "clicks",
        "Clicks",
        Unit.COUNT,
        Good.UP,
        "How often something on the profile was clicked.",
        "Click events, without bots and without your own visits.",
        _tally("clicks"),
        known=_known("clicks"),
    ),
    Metric(
        "favorites",
        "Favorites",
        Unit.COUNT,
        Good.UP,
        "How often the profile was kept as a favorite.",
        "Favorite events, without bots and without your own visits.",
        _tally("favorites"),
        known=_known("favorites"),
    ),
    Metric(
        "shares",
        "Shares",
        Unit.COUNT,
        Good.UP,
        "How often the profile was shared.",
        "Share events, without bots and without your own visits.",
        _tally("shares"),
        known=_known("shares"),
    ),
    Metric(
        "botHits",
        "Bot hits",
        Unit.COUNT,
        Good.NEITHER,
        "Visits by crawlers and other programs; they are counted here and in no other figure.",
        "View events whose user agent is a known crawler or program.",
        _tally("bot_hits"),
        known=_known("bot_hits"),
    ),
    Metric(
        "ownerHits",
        "Your own visits",
        Unit.COUNT,
        Good.NEITHER,
        "Your own visits to the profile; they are counted here and in no other figure.",
        "View events marked as your own.",
        _tally("owner_hits"),
        known=_known("owner_hits"),
    ),
    Metric(
        "visibleTime",
        "Visible time",
        Unit.COUNT,
        Good.UP,
        "Milliseconds for which the profile was visible, all views together.",
        "Visible time of all views that reported it.",
        _tally("visible_ms"),
        known=_known("visible_ms"),
    ),
    Metric(
        "timedViews",
        "Timed views",
        Unit.COUNT,
        Good.UP,
        "Views that reported how long the profile was visible.",
        "View events with a visible time.",
        _tally("timed_views"),
        known=_known("timed_views"),
    ),
)


def breakdown(database: Database, scope: Scope, dimension: str, limit: int = 100) -> Breakdown | None:
    """Views, inquiries, clicks and conversion by one attribute of the visit (see DIMENSIONS), those
    with most views first, beside the same over the compared period. None where it is not known: for
    two attributes at once over many days, or in a closed month."""
    known = _known_by(dimension)
    if not known(scope):
        return None
    shown = [metric for metric in METRICS if metric.key in {"views", "inquiries", "clicks", "conversionRate"}]
    return break_down(
        database, scope, shown, lambda asked: _by_attribute(asked, dimension), limit, known=known
    )


def moved_sources(database: Database, scope: Scope, limit: int) -> Breakdown:
    """The referral sources whose views changed most against the compared period."""
    shown = [metric for metric in METRICS if metric.key == "views"]
    every = break_down(
        database,
        scope,
        shown,
        lambda asked: _by_attribute(asked, "source"),
        None,
        gone=True,
        known=_known_by("source"),
    )
    return most_changed(every, limit)


def _known_by(dimension: str) -> Callable[[Scope], bool]:
    """Whether visits can be told apart by it in a scope: by its days where single ones are not looked at, and
    then by no second attribute."""

    def known(scope: Scope) -> bool:
        if counts_events(scope):
            return True
        return not scope.period.rolling and (scope.filter is None or scope.filter.dimension == dimension)

    return known


def _by_attribute(scope: Scope, dimension: str) -> Select[Any]:
    own = scope.profile.profile_id
    if counts_events(scope):
        value = _COLUMNS[dimension]
        statement = select(
            value.label("key"),
            number_of("view").label("views"),
            number_of("inquiry").label("inquiries"),
            number_of("click").label("clicks"),
        ).where(*events_of(scope), within(scope, E.timestamp, E.local_date), COUNTED, value.is_not(None))
    else:
        value = B.value
        sums = [cast(func.sum(B[name]), BigInteger).label(name) for name in ("views", "inquiries", "clicks")]
        statement = select(value.label("key"), *sums).where(
            B.profile_id == own,
            B.dimension == dimension,
            within(scope, B.local_date, B.local_date),
            *([B.value == scope.filter.value] if scope.filter else ()),
        )
    return statement.group_by(value)
