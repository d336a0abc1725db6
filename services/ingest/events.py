"""The one door in for events: REST, domain events, log imports and the demo all come through here."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, bindparam, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from models.database import Transaction
from models.detection import Verdict
from models.errors import InvalidInput, PeriodClosed, Problem
from models.feed import Sighting
from models.ids import new_id
from models.partitions import hold
from models.schema import profile_events
from models.stores import Stores
from services import profiles
from services.alerts import raising
from services.alerts.verdicts import judged, kept
from services.ingest.agents import describe
from services.ingest.inputs import Event
from services.ingest.referrers import source_of
from services.ingest.visitors import visitor_key
from services.live.message import profile_view
from services.live.outbox import announce, committing, is_live, touch
from services.profiles import Profile
from services.rollups import traffic
from services.rollups.closed import Closed, Month, closed, reason

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LEAD = timedelta(minutes=10)
"""How far a sender's clock may be ahead of ours."""
_FARTHEST = timedelta(days=2)
"""How long after its last instant a month may still have a day in some zone."""

E = profile_events.c
_Key = tuple[UUID, datetime, UUID]
"""Profile, timestamp and id: the primary key of an event."""


class Fate(StrEnum):
    """What became of an event."""

    STORED = "stored"
    BOT = "bot"  # stored, and counted apart
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Outcome:
    """`ids` and `fates` in the order of the batch."""

    ids: tuple[UUID, ...]
    fates: tuple[Fate, ...]

    def count(self, *fates: Fate) -> int:
        """How many events met one of these fates."""
        return sum(fate in fates for fate in self.fates)

    def part(self, start: int, end: int) -> "Outcome":
        """The outcome of the events from `start` up to and without `end`."""
        return Outcome(self.ids[start:end], self.fates[start:end])


def store(
    stores: Stores, events: Sequence[Event], received_at: datetime, import_id: UUID | None = None
) -> Outcome:
    """Stores the events with their rollups in one transaction: all of them, or InvalidInput that
    names each bad one (`/events/<index>/...`), PeriodClosed where it lies in a closed month. An event whose
    key is known counts once.

    After the commit it is told live. An import is history, of which nobody is told one by one.
    """
    prepare(stores, events, received_at)
    with committing(stores) as tx:
        return store_in(tx, stores, events, received_at, import_id)


def prepare(stores: Stores, events: Sequence[Event], received_at: datetime) -> None:
    """What `store_in` needs and can't do inside of its transaction. Raises InvalidInput as `store` does."""
    check_times(events, received_at)
    stores.database.ensure_partitions([event.timestamp or received_at for event in events])


def store_in(
    tx: Transaction,
    stores: Stores,
    events: Sequence[Event],
    received_at: datetime,
    import_id: UUID | None = None,
) -> Outcome:
    """The same in a transaction of `committing`, after `prepare`."""
    wanted = {event.profile_id for event in events}
    tx.lock_profiles(wanted)
    known = profiles.several(tx, wanted)
    _check_open(tx, known, events, received_at)
    hold(tx, "profile_events", [event.timestamp or received_at for event in events])
    verdicts = judged(stores.detection, (event.ip for event in events))
    rows = [
        _row(stores, known[event.profile_id], event, verdicts.get(event.ip or ""), received_at, import_id)
        for event in events
    ]
    own = {_key(row): row for row in reversed(rows)}
    fresh = _store(tx, own, received_at)
    told = _longest(rows)
    raised = _raise_times(
        tx,
        {key: ms for key, ms in told.items() if key not in fresh or own[key]["visible_ms"] != ms},
        received_at,
    )
    # A view that comes again only to say how long it was looked at is no news.
    news = {key: row for key, row in own.items() if key in fresh or key not in raised}
    _announce(tx, sorted(news.values(), key=itemgetter("timestamp")), received_at)
    stored = [row for key, row in news.items() if key in fresh]
    again = [row for key, row in news.items() if key not in fresh]
    raising.raise_for(tx, stored, again, verdicts, received_at)
    return Outcome(tuple(row["id"] for row in rows), tuple(_fates(rows, fresh)))


def remove_import(tx: Transaction, profile_id: UUID, import_id: UUID, at: datetime) -> int:
    """Takes back every event of the import and recounts the profile; returns how many there were. Raises
    PeriodClosed when it had some in a month that was closed since."""
    tx.lock_profile(profile_id)
    gone = [month for month in closed(tx, profile_id).months if import_id in month.imports]
    if gone:
        raise PeriodClosed(
            f"This import can't be undone any more: it has events in {_listed(gone)}, of which sums "
            "alone are kept. Nothing was changed."
        )
    alerts = raising.raised_by_import(tx, profile_id, import_id)
    removed = tx.run(profile_events.delete().where(E.profile_id == profile_id, E.import_id == import_id))
    raising.take_back(tx, profile_id, alerts)
    if removed:
        traffic.rebuild(tx, profile_id, at)
    return removed


def check_times(events: Sequence[Event], now: datetime, pointer: str = "/events/{}") -> None:
    """Raises InvalidInput that names every event from the future or from before 1990 (at `pointer`
    with its index)."""
    problems = []
    for index, event in enumerate(events):
        at = event.timestamp
        if at is not None and at > now + LEAD:
            problems.append(Problem(f"{pointer.format(index)}/timestamp", "It lies in the future."))
        elif at is not None and at < EARLIEST:
            problems.append(Problem(f"{pointer.format(index)}/timestamp", "It lies before 1990."))
    if problems:
        raise InvalidInput(
            f"{len(problems)} of {len(events)} events can't be taken; nothing was stored.", tuple(problems)
        )


def _check_open(
    tx: Transaction, known: Mapping[UUID, Profile], events: Sequence[Event], received_at: datetime
) -> None:
    """Raises PeriodClosed that names every event in a closed month. The profiles are locked, so that none is
    closed after this look; months are looked up for an event alone that may lie in one."""
    months: dict[UUID, Closed] = {}
    problems = []
    for index, event in enumerate(events):
        profile, at = known[event.profile_id], event.timestamp or received_at
        if profile.closed_until is None or at >= profile.closed_until + _FARTHEST:
            continue
        if profile.profile_id not in months:
            months[profile.profile_id] = closed(tx, profile.profile_id)
        if month := months[profile.profile_id].holding(profile.local_date(at), at):
            problems.append(Problem(f"/events/{index}/timestamp", reason(month)))
    if len(problems) == len(events) == 1:
        raise PeriodClosed(problems[0].detail, tuple(problems))
    if problems:
        raise PeriodClosed(
            f"{len(problems)} of {len(events)} events lie in closed months; nothing was stored.",
            tuple(problems),
        )


def _listed(months: Sequence[Month]) -> str:
    """ "May 2015", or "May 2015 to July 2016"."""
    first, last = str(months[0]), str(months[-1])
    return first if first == last else f"{first} to {last}"


def _row(
    stores: Stores,
    profile: Profile,
    event: Event,
    verdict: Verdict | None,
    received_at: datetime,
    import_id: UUID | None,
) -> dict[str, Any]:
    at = event.timestamp or received_at
    agent = describe(event.user_agent)
    internal = event.internal_hosts.union(profile.own_hosts)
    source = source_of(event.referrer, event.url, internal)
    visible = event.duration_seconds
    key = stores.keys.visitor(received_at)
    return {
        "profile_id": profile.profile_id,
        "timestamp": at,
        "id": event.id or new_id(),
        "event_type": event.event_type,
        "local_date": profile.local_date(at),
        "visitor_key": visitor_key(key, profile.profile_id, event.visitor_id, event.ip, event.user_agent),
        "ip_address": event.ip,
        "user_agent": event.user_agent,
        "referrer": event.referrer,
        "referrer_source": source.name,
        "utm_source": source.utm_source,
        "utm_medium": source.utm_medium,
        "utm_campaign": source.utm_campaign,
        "country": event.country or (verdict and verdict.country),
        "device": None if agent.is_bot or event.user_agent is None else agent.device,
        "url": event.url,
        "target": event.target,
        "visible_ms": None if visible is None else round(visible * 1000),
        "is_bot": agent.is_bot,
        "is_owner": event.is_owner,
        **kept(stores.detection, verdict),
        "import_id": import_id,
        "received_at": received_at,
    }


def _key(row: Mapping[str, Any]) -> _Key:
    return row["profile_id"], row["timestamp"], row["id"]


def _store(tx: Transaction, rows: dict[_Key, dict[str, Any]], received_at: datetime) -> set[_Key]:
    """Inserts what is not known yet, adds it to the rollups, and returns its keys."""
    fresh = {_key(dict(row)) for row in tx.insert_new(profile_events, list(rows.values()))}
    if fresh:
        traffic.add(tx, _these(fresh), received_at)
    return fresh


def _fates(rows: Sequence[dict[str, Any]], fresh: set[_Key]) -> Iterator[Fate]:
    """Of a key that comes twice in a batch the second is the duplicate."""
    left = set(fresh)
    for row in rows:
        if (key := _key(row)) in left:
            left.remove(key)
            yield Fate.BOT if row["is_bot"] else Fate.STORED
        else:
            yield Fate.DUPLICATE


def _longest(rows: Sequence[dict[str, Any]]) -> dict[_Key, int]:
    """The longest visible time that the batch reports of each event."""
    timed: dict[_Key, int] = {}
    for row in rows:
        if row["visible_ms"] is not None:
            timed[_key(row)] = max(row["visible_ms"], timed.get(_key(row), 0))
    return timed


def _raise_times(tx: Transaction, timed: dict[_Key, int], received_at: datetime) -> Collection[_Key]:
    """A later, longer visible time of a known event replaces the stored one; the rollups follow. Returns
    the keys of those events."""
    if not timed:
        return ()
    stored = tx.rows(select(E.profile_id, E.timestamp, E.id, E.visible_ms).where(_these(timed)))
    known = {_key(dict(row)): row["visible_ms"] for row in stored}
    longer = {key: ms for key, ms in timed.items() if known[key] is None or ms > known[key]}
    if not longer:
        return ()
    changed = _these(longer)
    traffic.PERFORMANCE.add(tx, changed, received_at, sign=-1)
    statement = (
        update(profile_events)
        .where(
            E.profile_id == bindparam("profile"), E.timestamp == bindparam("at"), E.id == bindparam("event")
        )
        .values(visible_ms=bindparam("visible"))
    )
    values = [
        {"profile": profile_id, "at": at, "event": event, "visible": ms}
        for (profile_id, at, event), ms in longer.items()
    ]
    tx.run(statement, values)
    traffic.PERFORMANCE.add(tx, changed, received_at)
    return longer.keys()


def _announce(tx: Transaction, rows: Iterable[Mapping[str, Any]], received_at: datetime) -> None:
    """Tells of the views that are news, and that the figures of the other profiles may have changed.

    One that is known is told again: whoever stored it may have died before it was told. Bots and the
    owner's own visits are nobody who looks.
    """
    told, quiet = set(), set()
    for row in rows:
        at, profile_id = row["timestamp"], row["profile_id"]
        is_view = row["event_type"] == "view" and not row["is_bot"] and not row["is_owner"]
        if is_view and row["import_id"] is None and is_live(at, received_at):
            told.add(profile_id)
            announce(tx, profile_view(row), Sighting(row["id"], row["visitor_key"].hex(), at))
        else:
            quiet.add(profile_id)
    for profile_id in quiet - told:
        touch(tx, profile_id)


def _these(keys: Collection[_Key]) -> ColumnElement[bool]:
    """The events with these keys; the bounds let PostgreSQL leave other months and profiles alone."""
    owners, times, ids = zip(*keys, strict=True)
    listed = (
        func.unnest(
            literal(list(owners), ARRAY(Uuid)),
            literal(list(times), ARRAY(DateTime(timezone=True))),
            literal(list(ids), ARRAY(Uuid)),
        )
        .table_valued("profile_id", "timestamp", "id")
        .render_derived()
    )
    return (
        E.profile_id.in_(set(owners))
        & E.timestamp.between(min(times), max(times))
        & tuple_(E.profile_id, E.timestamp, E.id).in_(
            select(listed.c.profile_id, listed.c.timestamp, listed.c.id)
        )
    )
