"""Events: what is stored once, what is refused, and what two writers at once may do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from models.errors import InvalidInput, NotFound
from models.ids import new_id
from models.schema import profile_events, profile_performance, visitor_days
from models.stores import Stores
from services import rollups
from services.ingest import events
from services.ingest.events import Fate
from services.ingest.inputs import Event
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
IMPORT = UUID(int=7)


def view(profile: Profile, **fields: Any) -> Event:
    defaults = {"event_type": "view", "timestamp": "2026-11-20T10:00:00Z", "ip": "192.0.2.1"}
    return Event(**{"profile_id": profile.profile_id, **defaults, **fields})


def stored(stores: Stores, profile: Profile) -> int:
    with stores.database.transaction() as tx:
        counted = select(func.count()).where(profile_events.c.profile_id == profile.profile_id)
        return int(tx.value(counted))


def performance(stores: Stores, profile: Profile, column: str = "total_views") -> dict[str, Any]:
    """A column of profile_performance by local day."""
    table = profile_performance.c
    with stores.database.transaction() as tx:
        rows = tx.rows(select(table.local_date, table[column]).where(table.profile_id == profile.profile_id))
    return {str(row["local_date"]): row[column] for row in rows}


def test_an_event_without_a_time_happens_when_it_is_received(stores: Stores, anna: Profile) -> None:
    outcome = events.store(stores, [view(anna, timestamp=None)], NOW)
    assert (outcome.count(Fate.STORED), len(outcome.ids)) == (1, 1)
    assert performance(stores, anna) == {"2026-11-20": 1}


def test_a_known_event_counts_once(stores: Stores, anna: Profile) -> None:
    event = view(anna, id=new_id())
    first = events.store(stores, [event], NOW)
    again = events.store(stores, [event], NOW)
    assert (first.fates, again.fates) == ((Fate.STORED,), (Fate.DUPLICATE,))
    assert again.ids == first.ids == (event.id,)
    assert performance(stores, anna) == {"2026-11-20": 1}


def test_an_event_twice_in_one_batch_counts_once(stores: Stores, anna: Profile) -> None:
    event = view(anna, id=new_id())
    outcome = events.store(stores, [event, event, view(anna)], NOW)
    assert outcome.fates == (Fate.STORED, Fate.DUPLICATE, Fate.STORED)
    assert outcome.ids[0] == outcome.ids[1] != outcome.ids[2]
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_the_same_id_on_another_profile_is_another_event(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    shared = new_id()
    assert events.store(stores, [view(anna, id=shared), view(priya, id=shared)], NOW).count(Fate.STORED) == 2


def test_a_later_longer_time_replaces_the_stored_one(stores: Stores, anna: Profile) -> None:
    event = new_id()
    kept = []
    for seconds in (None, 10, 4, 12.5, 0):
        events.store(stores, [view(anna, id=event, duration_seconds=seconds)], NOW)
        kept.append(performance(stores, anna, "visible_ms")["2026-11-20"])
    assert kept == [0, 10_000, 10_000, 12_500, 12_500]
    assert performance(stores, anna, "avg_time_on_profile") == {"2026-11-20": 12.5}
    assert performance(stores, anna, "timed_views") == {"2026-11-20": 1}


def test_of_several_times_in_one_batch_the_longest_counts(stores: Stores, anna: Profile) -> None:
    event = new_id()
    times = (3, 30, 5)
    events.store(stores, [view(anna, id=event, duration_seconds=seconds) for seconds in times], NOW)
    assert performance(stores, anna, "visible_ms") == {"2026-11-20": 30_000}
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_zero_seconds_are_a_reported_time(stores: Stores, anna: Profile) -> None:
    events.store(stores, [view(anna, duration_seconds=0), view(anna)], NOW)
    assert performance(stores, anna, "timed_views") == {"2026-11-20": 1}


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-19T22:59:59.999999Z", "2026-11-19"),
        ("2026-11-19T23:00:00Z", "2026-11-20"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),  # the day on which clocks go forward: 23 hours
        ("2026-03-29T21:59:59Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),  # and back: 25 hours
    ],
)
def test_a_day_is_the_profiles_own(stores: Stores, anna: Profile, instant: str, day: str) -> None:
    events.store(stores, [view(anna, timestamp=instant)], NOW)
    assert performance(stores, anna) == {day: 1}


def test_a_day_in_a_half_hour_zone(stores: Stores, priya: Profile) -> None:
    times = ("2026-11-18T18:29:59Z", "2026-11-18T18:30:00Z")
    events.store(stores, [view(priya, timestamp=time) for time in times], NOW)
    assert performance(stores, priya) == {"2026-11-18": 1, "2026-11-19": 1}


def test_bots_and_the_owner_are_counted_apart(stores: Stores, anna: Profile) -> None:
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    outcome = events.store(
        stores, [view(anna), view(anna, user_agent=bot), view(anna, is_owner=True, ip="192.0.2.9")], NOW
    )
    assert outcome.fates == (Fate.STORED, Fate.BOT, Fate.STORED)
    for column in ("total_views", "bot_hits", "owner_hits", "unique_visitors"):
        assert performance(stores, anna, column) == {"2026-11-20": 1}, column


def test_a_visitor_is_one_over_days_and_another_in_the_next_quarter(stores: Stores, anna: Profile) -> None:
    def keys() -> set[bytes]:
        with stores.database.transaction() as tx:
            return {row["visitor_key"] for row in tx.rows(select(visitor_days.c.visitor_key))}

    events.store(stores, [view(anna), view(anna, timestamp="2026-11-18T10:00:00Z")], NOW)
    assert len(keys()) == 1
    events.store(stores, [view(anna, timestamp="2026-09-30T10:00:00Z")], NOW - timedelta(days=51))
    assert len(keys()) == 2


@pytest.mark.parametrize("copies", [1, 300])
def test_a_batch_with_a_bad_time_stores_nothing_and_names_each(
    stores: Stores, anna: Profile, copies: int
) -> None:
    batch = [view(anna)] * copies + [
        view(anna, timestamp=NOW + timedelta(minutes=11)),
        view(anna, timestamp="1989-12-31T23:59:59Z"),
    ]
    with pytest.raises(InvalidInput) as refused:
        events.store(stores, batch, NOW)
    assert [(problem.pointer, problem.detail) for problem in refused.value.problems] == [
        (f"/events/{copies}/timestamp", "It lies in the future."),
        (f"/events/{copies + 1}/timestamp", "It lies before 1990."),
    ]
    assert str(refused.value) == f"2 of {copies + 2} events can't be taken; nothing was stored."
    assert stored(stores, anna) == 0


def test_clocks_may_differ_by_ten_minutes(stores: Stores, anna: Profile) -> None:
    assert events.store(stores, [view(anna, timestamp=NOW + timedelta(minutes=10))], NOW).fates == (
        Fate.STORED,
    )


def test_an_unknown_profile_leaves_the_others_of_the_batch_unstored(stores: Stores, anna: Profile) -> None:
    stranger = Profile(uuid4(), "Nobody", "Europe/Berlin", "EUR")
    with pytest.raises(NotFound):
        events.store(stores, [view(anna), view(stranger)], NOW)
    assert stored(stores, anna) == 0
    assert performance(stores, anna) == {}


def test_an_undone_import_takes_its_own_events_alone(stores: Stores, anna: Profile) -> None:
    mine = view(anna, id=new_id())
    events.store(stores, [mine], NOW)
    imported = [mine, view(anna, ip="192.0.2.2"), view(anna, timestamp="2026-01-05T08:00:00Z")]
    assert events.store(stores, imported, NOW, IMPORT).count(Fate.STORED) == 2
    with stores.database.transaction() as tx:
        assert events.remove_import(tx, anna.profile_id, IMPORT, NOW) == 2
        assert events.remove_import(tx, anna.profile_id, IMPORT, NOW) == 0
    assert performance(stores, anna) == {"2026-11-20": 1}
    assert performance(stores, anna, "unique_visitors") == {"2026-11-20": 1}
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_a_large_batch_counts_like_a_small_one(stores: Stores, anna: Profile, priya: Profile) -> None:
    def batch(profile: Profile) -> list[Event]:
        start = datetime.fromisoformat("2026-11-19T20:00:00Z")
        return [
            view(
                profile,
                id=UUID(int=number),
                timestamp=start + timedelta(minutes=number),
                ip=f"192.0.2.{number % 50}",
                duration_seconds=number % 7 or None,
            )
            for number in range(500)
        ]

    large = events.store(stores, batch(anna) + batch(anna)[:100], NOW)
    assert (large.count(Fate.STORED), large.count(Fate.DUPLICATE)) == (500, 100)
    for first in range(0, 500, 100):
        events.store(stores, batch(priya)[first : first + 100], NOW)
    for column in ("total_views", "visible_ms", "timed_views"):
        assert sum(performance(stores, anna, column).values()) == sum(
            performance(stores, priya, column).values()
        )
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert rollups.verify(stores.database, priya.profile_id) == []


def test_the_same_events_from_many_writers_at_once_count_once(stores: Stores, anna: Profile) -> None:
    batch = [view(anna, id=new_id(), ip=f"192.0.2.{number}") for number in range(40)]
    longer = [event.model_copy(update={"duration_seconds": 20.0}) for event in batch]
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda sent: events.store(stores, sent, NOW), [batch, longer] * 6))
    assert sum(outcome.count(Fate.STORED) for outcome in outcomes) == 40
    assert performance(stores, anna) == {"2026-11-20": 40}
    assert performance(stores, anna, "visible_ms") == {"2026-11-20": 800_000}
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_batches_over_two_profiles_in_opposite_order_do_not_block_each_other(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    def send(number: int) -> int:
        pair = [view(anna, id=new_id()), view(priya, id=new_id())]
        return events.store(stores, pair if number % 2 else pair[::-1], NOW).count(Fate.STORED)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(send, range(40))) == 80
    for profile in (anna, priya):
        assert performance(stores, profile) == {"2026-11-20": 40}
        assert rollups.verify(stores.database, profile.profile_id) == []
