"""What the events of a profile add up to, by day, by hour and by attribute."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Select, Text, any_, case, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from models.database import Transaction
from models.schema import (
    engagement_metrics,
    funnel_visitors,
    profile_events,
    profile_performance,
    profiles,
    traffic_breakdown,
    visitor_days,
)
from services.rollups.checksum import checksums
from services.rollups.closed import ClosedMonth, Part, closed
from services.rollups.people import People
from services.rollups.rollup import Changed, Difference, Left, Rollup, Step, Where, no_step

E = profile_events.c
COUNTED = ~E.is_bot & ~E.is_owner
"""Bots and the owner's own visits are stored and counted apart."""
VIEWS = (E.event_type == "view") & COUNTED
HOUR = func.date_trunc("hour", E.timestamp, profiles.c.time_zone)
"""The start of the local hour; also right in zones with a half-hour offset and when clocks change."""


def step_of(target: Any) -> Any:
    """The step of the gift funnel that the target of a click stands for; null for every other target."""
    return case(
        (target == "gift-catalog", "catalog"),
        (target.startswith("gift:"), "item"),
        (target == "gift-checkout", "checkout"),
    )


STEP = step_of(E.target)
STEPS = (E.event_type == "click") & COUNTED & STEP.is_not(None)


def number_of(event_type: str) -> Any:
    """Counts the events of one type that are nobody's own and no bot's."""
    return func.count().filter((E.event_type == event_type) & COUNTED)


TALLIES: dict[str, Any] = {
    "total_views": number_of("view"),
    "inquiries": number_of("inquiry"),
    "clicks": number_of("click"),
    "favorites": number_of("favorite"),
    "shares": number_of("share"),
    "visible_ms": func.coalesce(func.sum(E.visible_ms).filter(VIEWS), 0),
    "timed_views": func.count(E.visible_ms).filter(VIEWS),
    "bot_hits": func.count().filter(E.is_bot & (E.event_type == "view")),
    "owner_hits": func.count().filter(E.is_owner & ~E.is_bot & (E.event_type == "view")),
}


def _pairs(name: str, first: str, second: str, rows: list[tuple[str, Any]]) -> Any:
    """A table of two text columns for every row it is joined to; it may hold that row's own columns."""
    # Not VALUES: with columns in it the compiled statement could not be kept for the next time.
    firsts, seconds = zip(*rows, strict=True)
    return (
        func.unnest(array(firsts, type_=Text), array(seconds, type_=Text))
        .table_valued(column(first, Text), column(second, Text))
        .render_derived(name)
    )


def _by_day(where: Where) -> Select[Any]:
    counted = [expression.label(name) for name, expression in TALLIES.items()]
    return select(E.profile_id, E.local_date, *counted).where(where).group_by(E.profile_id, E.local_date)


def _unique_by_day(where: Where) -> Select[Any]:
    unique = func.count(E.visitor_key.distinct()).filter(VIEWS).label("unique_visitors")
    return select(E.profile_id, E.local_date, unique).where(where).group_by(E.profile_id, E.local_date)


def _engagement(where: Where) -> Select[Any]:
    names = {"view": "views", "favorite": "favorites", "share": "shares", "inquiry": "inquiries"}
    kinds = _pairs("kinds", "event_type", "metric_type", list(names.items()))
    return (
        select(
            E.profile_id,
            kinds.c.metric_type,
            HOUR.label("recorded_at"),
            func.count().label("value"),
        )
        .select_from(
            profile_events.join(profiles, E.profile_id == profiles.c.profile_id).join(
                kinds, kinds.c.event_type == E.event_type
            )
        )
        .where(where, COUNTED)
        .group_by(E.profile_id, kinds.c.metric_type, HOUR)
    )


def _breakdown(where: Where) -> Select[Any]:
    attributes = _pairs(
        "attributes",
        "dimension",
        "value",
        [
            ("source", E.referrer_source),
            ("country", E.country),
            ("device", E.device),
            ("target", E.target),
        ],
    )
    return (
        select(
            E.profile_id,
            E.local_date,
            attributes.c.dimension,
            attributes.c.value,
            number_of("view").label("views"),
            number_of("inquiry").label("inquiries"),
            number_of("click").label("clicks"),
        )
        .select_from(profile_events.join(attributes, attributes.c.value.is_not(None)))
        .where(where, COUNTED)
        .group_by(E.profile_id, E.local_date, attributes.c.dimension, attributes.c.value)
    )


def _viewers(where: Where) -> Select[Any]:
    return select(E.profile_id, E.local_date, E.visitor_key).where(where, VIEWS)


def _funnel(where: Where) -> Select[Any]:
    return select(E.profile_id, E.local_date, STEP.label("step"), E.visitor_key).where(where, STEPS)


PERFORMANCE = Rollup(profile_performance, ("local_date",), tuple(TALLIES), _by_day)
UNIQUE = Rollup(profile_performance, ("local_date",), ("unique_visitors",), _unique_by_day)
ENGAGEMENT = Rollup(engagement_metrics, ("metric_type", "recorded_at"), ("value",), _engagement)
BREAKDOWN = Rollup(
    traffic_breakdown, ("local_date", "dimension", "value"), ("views", "inquiries", "clicks"), _breakdown
)
_ADDITIVE = (PERFORMANCE, ENGAGEMENT, BREAKDOWN)
VISITORS = People(visitor_days, ("local_date",), _viewers)
FUNNEL = People(funnel_visitors, ("local_date", "step"), _funnel)
PARTS = len(_ADDITIVE) + 3


def add(tx: Transaction, where: Where, at: datetime) -> None:
    """Adds newly stored events (those matching `where`) to every traffic rollup of their profiles."""
    for rollup in _ADDITIVE:
        rollup.add(tx, where, at)
    tx.run(FUNNEL.adding(where))
    fresh = (
        VISITORS.adding(where).returning(visitor_days.c.profile_id, visitor_days.c.local_date).cte("fresh")
    )
    of_day = (fresh.c.profile_id, fresh.c.local_date)
    new_visitors = select(*of_day, func.count()).group_by(*of_day).order_by(*of_day)
    rows = insert(profile_performance).from_select(
        ["profile_id", "local_date", "unique_visitors"], new_visitors
    )
    total = profile_performance.c.unique_visitors + rows.excluded.unique_visitors
    tx.run(
        rows.on_conflict_do_update(
            index_elements=["profile_id", "local_date"], set_={"unique_visitors": total}
        )
    )


def take_away(tx: Transaction, profile_id: UUID, visitors: Sequence[bytes], at: datetime) -> list[date]:
    """Takes all that these visitors did off every traffic rollup of the profile, before their events go;
    returns the days on which they were there. Days whose events are gone already stay as they are."""
    where = (E.profile_id == profile_id) & (E.visitor_key == any_(literal(visitors, ARRAY(LargeBinary))))
    found = select(E.local_date, func.min(E.timestamp), func.max(E.timestamp)).where(where)
    rows: list[tuple[date, datetime, datetime]] = [
        (row["local_date"], row["min"], row["max"])
        for row in tx.rows(found.group_by(E.local_date).order_by(E.local_date))
    ]
    if not rows:
        return []
    for rollup in (*_ADDITIVE, UNIQUE):
        rollup.add(tx, where, at, sign=-1)
    days = [day for day, _, _ in rows]
    for people in (VISITORS, FUNNEL):
        people.remove(tx, profile_id, visitors, days)
    for rollup in (PERFORMANCE, BREAKDOWN):
        own = rollup.table.c
        rollup.drop_empty(tx, (own.profile_id == profile_id) & own.local_date.in_(days))
    hours = engagement_metrics.c
    first, last = min(each[1] for each in rows), max(each[2] for each in rows)
    between = hours.recorded_at.between(first - timedelta(hours=1), last)
    ENGAGEMENT.drop_empty(tx, (hours.profile_id == profile_id) & between)
    return days


def rebuild(tx: Transaction, profile_id: UUID, at: datetime, step: Step = no_step) -> None:
    """Counts every traffic rollup of the profile again from its events, in PARTS steps. Closed months stay
    as they are."""
    part = closed(tx, profile_id).open_part(profile_id)
    raw = part.of(profile_events)
    for rollup in _ADDITIVE:
        rollup.rebuild(tx, part.of(rollup.table), raw, at)
        step()
    for people in (VISITORS, FUNNEL):
        people.rebuild(tx, part.of(people.table), raw)
        step()
    UNIQUE.add(tx, raw, at)
    step()


def differences(tx: Transaction, profile_id: UUID, step: Step = no_step) -> list[Difference]:
    """Every traffic figure of the profile that is not what its events give, and every closed month that is
    not as it was when it was closed; found in PARTS steps."""
    known = closed(tx, profile_id)
    changed = [found for month in known.months for found in _changed(tx, profile_id, month)]
    return changed + differences_of(tx, known.open_part(profile_id), step)


def differences_of(tx: Transaction, part: Part, step: Step = no_step) -> list[Difference]:
    """The same of a part that is not closed."""
    raw = part.of(profile_events)
    found: list[Difference] = []
    for rollup in (*_ADDITIVE, UNIQUE, VISITORS, FUNNEL):
        found += rollup.differences(tx, part.of(rollup.table), raw)
        step()
    return found


def _changed(tx: Transaction, profile_id: UUID, month: ClosedMonth) -> list[Difference]:
    part = month.part(profile_id)
    now = checksums(tx, part)
    found: list[Difference] = [
        Changed(table, (str(month),), "checksum", kept, now.get(table, "missing"))
        for table, kept in month.checksums.items()
        if now.get(table) != kept
    ]
    left = tx.value(select(func.count()).select_from(profile_events).where(part.of(profile_events)))
    if left:
        found.append(Left("profile_events", (str(month),), "events", str(left), "0"))
    return found
