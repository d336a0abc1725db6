"""Performance: who looks at the profile, from where, and what comes of it."""

from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from models.database import Database
from models.period import Granularity
from models.schema import profile_events, profile_performance, traffic_breakdown, visitor_days
from services.metrics.breakdown import Breakdown, break_down, most_changed
from services.metrics.buckets import by_bucket, by_day, within
from services.metrics.metric import Good, Metric, Unit, Value, ratio
from services.rollups.traffic import COUNTED, TALLIES, VIEWS, number_of
from services.scope import Scope

E, P, V, B = profile_events.c, profile_performance.c, visitor_days.c, traffic_breakdown.c
DIMENSIONS = ("source", "country", "device", "target")
_COLUMNS = {"source": E.referrer_source, "country": E.country, "device": E.device, "target": E.target}


def _tally(column: str) -> Any:
    """Sums a column of profile_performance; by the hour it counts the events of that one day."""

    def statement(scope: Scope) -> Select[Any]:
        own = scope.profile.profile_id
        if scope.granularity is Granularity.HOUR:
            return by_bucket(scope, E.timestamp, E.local_date, TALLIES[column], E.profile_id == own)
        total = cast(func.coalesce(func.sum(P[column]), 0), BigInteger)
        return by_day(scope, P.local_date, total, P.profile_id == own)

    return statement


def _unique(scope: Scope) -> Select[Any]:
    own = scope.profile.profile_id
    if scope.granularity is Granularity.HOUR:
        distinct = func.count(E.visitor_key.distinct()).filter(VIEWS)
        return by_bucket(scope, E.timestamp, E.local_date, distinct, E.profile_id == own)
    return by_day(scope, V.local_date, func.count(V.visitor_key.distinct()), V.profile_id == own)


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
    ),
    Metric(
        "inquiries",
        "Inquiries",
        Unit.COUNT,
        Good.UP,
        "How often somebody got in touch through the profile.",
        "Inquiry events, without bots.",
        _tally("inquiries"),
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
    ),
    Metric(
        "favorites",
        "Favorites",
        Unit.COUNT,
        Good.UP,
        "How often the profile was kept as a favorite.",
        "Favorite events, without bots.",
        _tally("favorites"),
    ),
    Metric(
        "shares",
        "Shares",
        Unit.COUNT,
        Good.UP,
        "How often the profile was shared.",
        "Share events, without bots.",
        _tally("shares"),
    ),
    Metric(
        "botHits",
        "Bot hits",
        Unit.COUNT,
        Good.NEITHER,
        "Visits by crawlers and other programs; they are counted here and in no other figure.",
        "View events whose user agent is a known crawler or program.",
        _tally("bot_hits"),
    ),
    Metric(
        "ownerHits",
        "Your own visits",
        Unit.COUNT,
        Good.NEITHER,
        "Your own visits to the profile; they are counted here and in no other figure.",
        "View events marked as your own.",
        _tally("owner_hits"),
    ),
    Metric(
        "visibleTime",
        "Visible time",
        Unit.COUNT,
        Good.UP,
        "Milliseconds for which the profile was visible, all views together.",
        "Visible time of all views that reported it.",
        _tally("visible_ms"),
    ),
    Metric(
        "timedViews",
        "Timed views",
        Unit.COUNT,
        Good.UP,
        "Views that reported how long the profile was visible.",
        "View events with a visible time.",
        _tally("timed_views"),
    ),
)


def breakdown(database: Database, scope: Scope, dimension: str, limit: int = 100) -> Breakdown:
    """Views, inquiries, clicks and conversion by one attribute of the visit (see DIMENSIONS), those
    with most views first, beside the same over the compared period."""
    shown = [metric for metric in METRICS if metric.key in {"views", "inquiries", "clicks", "conversionRate"}]
    return break_down(database, scope, shown, lambda asked: _by_attribute(asked, dimension), limit)


def moved_sources(database: Database, scope: Scope, limit: int) -> Breakdown:
    """The referral sources whose views changed most against the compared period."""
    shown = [metric for metric in METRICS if metric.key == "views"]
    every = break_down(
        database, scope, shown, lambda asked: _by_attribute(asked, "source"), 10_000, gone=True
    )
    return most_changed(every, limit)


def _by_attribute(scope: Scope, dimension: str) -> Select[Any]:
    own = scope.profile.profile_id
    if scope.granularity is Granularity.HOUR:
        value = _COLUMNS[dimension]
        statement = select(
            value.label("key"),
            number_of("view").label("views"),
            number_of("inquiry").label("inquiries"),
            number_of("click").label("clicks"),
        ).where(E.profile_id == own, within(scope, E.timestamp, E.local_date), COUNTED, value.is_not(None))
    else:
        value = B.value
        sums = [cast(func.sum(B[name]), BigInteger).label(name) for name in ("views", "inquiries", "clicks")]
        statement = select(value.label("key"), *sums).where(
            B.profile_id == own, B.dimension == dimension, within(scope, B.local_date, B.local_date)
        )
    return statement.group_by(value)
