"""A month is closed: its events go, its figures stay, and nothing is added to it any more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event as Signal
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text, update

from models.clock import now
from models.database import Database
from models.errors import Conflict, PeriodClosed
from models.partitions import hold
from models.schema import (
    closed_months,
    engagement_metrics,
    imports,
    profile_events,
    profile_performance,
    traffic_breakdown,
    visitor_days,
)
from models.stores import Stores
from services import audit, changes, profiles, rollups
from services.imports.account import rejected_lines
from services.imports.traffic import import_access_log
from services.ingest import events
from services.live.outbox import committing
from services.profiles import Profile
from services.retention import months
from services.retention.months import close_months, due
from tests.services.retention.months import (
    YEAR,
    at,
    close,
    figures,
    raw,
    refusal,
    rollup_rows,
    store,
    view,
)

IMPORT = UUID(int=7)
LATER = "2026-11-24T12:00:00Z"
IN_SEPTEMBER = profile_performance.c.local_date < date(2025, 9, 30)


@pytest.fixture
def other(database_url: str, stores: Stores) -> Iterator[Stores]:
    """What another process has open."""
    opened = replace(stores, database=Database(database_url))
    yield opened
    opened.database.close()


@pytest.fixture
def old(stores: Stores, anna: Profile) -> Profile:
    """Anna with views in September and October 2025, and in November of a year later."""
    store(stores, anna, "2025-09-10T10:00:00Z", "2025-10-20T10:00:00Z", "2025-10-20T10:30:00Z")
    store(stores, anna, "2026-11-20T10:00:00Z")
    return anna


def closed_of(stores: Stores) -> list[date]:
    with stores.database.transaction() as tx:
        return [row["month"] for row in tx.rows(select(closed_months).order_by(closed_months.c.month))]


def test_what_has_had_its_time_is_closed(stores: Stores, old: Profile) -> None:
    assert due(stores, old.profile_id, at(LATER), YEAR) == {"months": 2, "events": 3}
    counts = close(stores, old, LATER)
    assert counts.as_json() == {
        "before": {"months": 2, "events": 3},
        "after": {"months": 0, "events": 0},
    }
    assert closed_of(stores) == [date(2025, 9, 1), date(2025, 10, 1)]
    assert raw(stores, old) == 1
    assert rollups.verify(stores.database, old.profile_id) == []


def test_a_year_counts_from_the_receipt_of_the_newest_row(stores: Stores, anna: Profile) -> None:
    store(stores, anna, "2024-05-01T10:00:00Z", received="2025-11-20T10:00:00Z")
    store(stores, anna, "2024-05-02T10:00:00Z", received="2025-11-24T13:00:00Z")
    assert due(stores, anna.profile_id, at(LATER), YEAR)["months"] == 0
    assert due(stores, anna.profile_id, at("2026-11-24T13:00:01Z"), YEAR)["months"] == 1


@pytest.mark.parametrize(
    ("when", "many"), [("2026-10-31T22:59:59Z", 0), ("2026-10-31T23:00:00Z", 1), ("2026-11-24T12:00:00Z", 1)]
)
def test_only_a_month_that_is_over_in_the_zone_is_closed(
    stores: Stores, anna: Profile, when: str, many: int
) -> None:
    store(stores, anna, "2026-10-01T10:00:00Z")
    assert due(stores, anna.profile_id, at(when), timedelta(days=1))["months"] == many


def test_every_figure_is_as_before_and_stays_so(stores: Stores, old: Profile) -> None:
    periods = ({"from": "2025-08-01", "to": "2026-11-24"}, {"from": "2025-10-20", "to": "2025-10-20"})
    before = figures(stores, old, at(LATER), *periods), rollup_rows(stores, old)
    close(stores, old, LATER)
    assert (figures(stores, old, at(LATER), *periods), rollup_rows(stores, old)) == before
    rollups.rebuild(stores.database, old.profile_id)
    assert (figures(stores, old, at(LATER), *periods), rollup_rows(stores, old)) == before


def test_an_hour_is_kept_where_it_is_and_unknown_where_it_is_not(stores: Stores, old: Profile) -> None:
    day = {"from": "2025-10-20", "to": "2025-10-20", "granularity": "hour"}
    before = figures(stores, old, at(LATER), day)
    close(stores, old, LATER)
    for was, then in zip(before, figures(stores, old, at(LATER), day), strict=True):
        if was != then:
            key, total, points, _ = then
            assert key not in {"views", "inquiries", "favorites", "shares", "conversionRate"}
            assert (total, set(points)) == (None, {None})


def test_a_filter_counts_what_is_kept_by_attribute_and_never_says_zero(stores: Stores, old: Profile) -> None:
    asked = {"from": "2025-10-01", "to": "2025-10-31", "country": "DE"}
    before = figures(stores, old, at(LATER), asked)
    close(stores, old, LATER)
    after = figures(stores, old, at(LATER), asked)
    named = {each[0]: each[1] for each in after if isinstance(each, tuple) and len(each) == 4}
    assert named["views"] == 2
    assert named["uniqueVisitors"] is named["botHits"] is None
    for was, then in zip(before, after, strict=True):
        if was != then:
            assert then is None or (then[1], set(then[2])) == (None, {None})


def test_in_it_nothing_is_taken_and_beside_it_everything(stores: Stores, old: Profile) -> None:
    close(stores, old, LATER)
    error = refusal(stores, view(old, "2025-10-31T22:59:59Z"), at(LATER))
    assert isinstance(error, PeriodClosed)
    assert str(error) == (
        "October 2025 is closed: its events were dropped after their time and are kept as sums alone."
    )
    assert [problem.pointer for problem in error.problems] == ["/events/0/timestamp"]
    assert refusal(stores, view(old, "2025-10-31T23:00:00Z"), at(LATER)) is None
    assert refusal(stores, view(old, "2025-08-31T10:00:00Z"), at(LATER)) is None  # it never had any
    assert rollups.verify(stores.database, old.profile_id) == []


def test_a_batch_is_taken_whole_or_not_at_all(stores: Stores, old: Profile) -> None:
    close(stores, old, LATER)
    times = ["2026-11-20T11:00:00Z", "2025-10-01T11:00:00Z", "2026-11-20T12:00:00Z", "2025-09-01T11:00:00Z"]
    with pytest.raises(PeriodClosed, match="2 of 4 events lie in closed months") as raised:
        events.store(stores, [view(old, when) for when in times], at(LATER))
    assert [each.pointer for each in raised.value.problems] == ["/events/1/timestamp", "/events/3/timestamp"]
    assert raw(stores, old) == 1


def test_each_profile_has_its_own(stores: Stores, old: Profile, priya: Profile) -> None:
    close(stores, old, LATER)
    assert refusal(stores, view(priya, "2025-10-20T10:00:00Z"), at(LATER)) is None


@pytest.mark.parametrize("table", [profile_performance, engagement_metrics, traffic_breakdown, visitor_days])
def test_what_was_changed_after_closing_is_named_and_stays(
    stores: Stores, old: Profile, table: object
) -> None:
    close(stores, old, LATER)
    with stores.database.transaction() as tx:
        if table is visitor_days:
            tx.run(delete(visitor_days).where(visitor_days.c.local_date == date(2025, 10, 20)))
        else:
            values = {"value": 9} if table is engagement_metrics else {"inquiries": 9}
            day = table.c.recorded_at if table is engagement_metrics else table.c.local_date
            tx.run(update(table).values(values).where(day < date(2025, 9, 30)))
    (difference,) = rollups.verify(stores.database, old.profile_id)
    month = "October" if table is visitor_days else "September"
    assert f"{table.name} of {month} 2025, which is closed: its rows are not" in str(difference)
    rollups.rebuild(stores.database, old.profile_id)
    assert [str(each) for each in rollups.verify(stores.database, old.profile_id)] == [str(difference)]


def test_a_row_that_counts_nothing_makes_no_difference(stores: Stores, old: Profile) -> None:
    close(stores, old, LATER)
    nothing = {"profile_id": old.profile_id, "local_date": date(2025, 10, 7)}
    with stores.database.transaction() as tx:
        tx.run(profile_performance.insert().values(nothing))
    assert rollups.verify(stores.database, old.profile_id) == []


def test_an_event_that_lies_in_it_all_the_same_is_named(stores: Stores, old: Profile) -> None:
    close(stores, old, LATER)
    with stores.database.transaction() as tx:
        hold(tx, "profile_events", [at("2025-10-05T10:00:00Z")])
        (row,) = tx.rows(select(profile_events))
        moved = {"timestamp": at("2025-10-05T10:00:00Z"), "local_date": date(2025, 10, 5)}
        tx.run(profile_events.insert().values({**row, **moved}))
    (difference,) = rollups.verify(stores.database, old.profile_id)
    assert str(difference).endswith("which is closed: events that should be gone are there (1)")
    before = rollup_rows(stores, old)
    rollups.rebuild(stores.database, old.profile_id)
    assert rollup_rows(stores, old) == before


def test_a_wrong_month_is_not_closed_and_the_others_are(stores: Stores, old: Profile) -> None:
    with stores.database.transaction() as tx:
        tx.run(update(profile_performance).values(total_views=8).where(IN_SEPTEMBER))
    with pytest.raises(Conflict) as raised:
        close(stores, old, LATER)
    assert str(raised.value) == (
        "September 2025 was not closed, as 1 of its figures is not the sum of its events "
        "(profile_performance 2025-09-10: total_views is 8, the raw rows give 1). "
        "Count everything again, and it will be."
    )
    assert closed_of(stores) == [date(2025, 10, 1)]
    assert raw(stores, old) == 2
    rollups.rebuild(stores.database, old.profile_id)
    close(stores, old, LATER)
    assert closed_of(stores) == [date(2025, 9, 1), date(2025, 10, 1)]


def test_it_stops_between_two_months(stores: Stores, old: Profile) -> None:
    stopping = Signal()
    stopping.set()
    counts = close_months(stores, old.profile_id, at(LATER), YEAR, stopping)
    assert counts.after == counts.before == {"months": 2, "events": 3}
    assert closed_of(stores) == []


def test_an_import_with_rows_in_it_cannot_be_undone(stores: Stores, old: Profile) -> None:
    store(stores, old, "2025-10-21T10:00:00Z", "2026-11-21T10:00:00Z", import_id=IMPORT)
    close(stores, old, "2027-01-10T00:00:00Z")
    before = rollup_rows(stores, old)
    sentence = r"it has events in October 2025, of which sums alone are kept. Nothing was changed\."
    with pytest.raises(PeriodClosed, match=sentence), stores.database.transaction() as tx:
        events.remove_import(tx, old.profile_id, IMPORT, now())
    assert rollup_rows(stores, old) == before
    assert raw(stores, old) == 2


def test_another_import_is_undone_beside_it(stores: Stores, old: Profile) -> None:
    before = rollup_rows(stores, old)
    store(stores, old, "2026-11-21T10:00:00Z", import_id=IMPORT)
    close(stores, old, LATER)
    with stores.database.transaction() as tx:
        assert events.remove_import(tx, old.profile_id, IMPORT, now()) == 1
    assert rollup_rows(stores, old) == before
    assert rollups.verify(stores.database, old.profile_id) == []


def test_a_month_waits_for_an_import_that_is_not_through(stores: Stores, old: Profile) -> None:
    row = {
        "profile_id": old.profile_id,
        "import_id": IMPORT,
        "kind": "access-log",
        "file_name": "a.log",
        "status": "running",
        "started_at": at(LATER),
    }
    with stores.database.transaction() as tx:
        tx.run(imports.insert().values(row))
    store(stores, old, "2025-10-21T10:00:00Z", import_id=IMPORT)
    close(stores, old, LATER)
    assert closed_of(stores) == [date(2025, 9, 1)]


ZONES = ("Asia/Kolkata", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu", "Pacific/Pago_Pago")


@pytest.mark.parametrize("zone", ZONES)
def test_another_zone_leaves_closed_months_as_they_were_counted(
    stores: Stores, old: Profile, zone: str
) -> None:
    store(stores, old, "2025-08-31T21:30:00Z", "2025-08-31T21:59:00Z", received="2026-11-20T00:00:00Z")
    store(stores, old, "2025-10-31T23:05:00Z", "2025-10-31T23:50:00Z", received="2026-11-20T00:00:00Z")
    close(stores, old, LATER)
    kept = rollup_rows(stores, old)
    changes.change(stores.database, old.profile_id, zone, "EUR")
    assert rollups.verify(stores.database, old.profile_id) == []
    assert raw(stores, old) == 5
    moved = profiles.find(stores.database, old.profile_id)
    for when in ("2025-10-31T22:30:00Z", "2025-08-31T22:00:00Z", "2025-10-05T10:00:00Z"):
        assert isinstance(refusal(stores, view(moved, when), at(LATER)), PeriodClosed)
    # What is open by its instant, and lies on a closed day of the new zone.
    rollups.rebuild(stores.database, old.profile_id)
    assert rollups.verify(stores.database, old.profile_id) == []
    close(stores, moved, "2028-01-01T00:00:00Z")
    assert raw(stores, old) == 0
    assert len(closed_of(stores)) == 5
    assert rollups.verify(stores.database, old.profile_id) == []
    changes.change(stores.database, old.profile_id, "Europe/Berlin", "EUR")
    assert rollups.verify(stores.database, old.profile_id) == []
    after = rollup_rows(stores, old)
    for table, rows in kept.items():
        assert {row for row in rows if "2025, 10, 20" in row} <= set(after[table])


@pytest.mark.parametrize("zone", ZONES)
def test_there_and_back_again_all_is_as_before(stores: Stores, old: Profile, zone: str) -> None:
    store(stores, old, "2025-10-31T23:05:00Z", "2025-11-01T12:50:00Z", received="2026-11-20T00:00:00Z")
    close(stores, old, LATER)
    before = rollup_rows(stores, old)
    changes.change(stores.database, old.profile_id, zone, "EUR")
    changes.change(stores.database, old.profile_id, "Europe/Berlin", "EUR")
    assert rollup_rows(stores, old) == before


def test_who_comes_while_it_is_being_closed_is_refused(stores: Stores, other: Stores, old: Profile) -> None:
    """The event waits for the lock that the closing holds, and sees what was closed meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        with stores.database.transaction() as tx:
            tx.lock_profile(old.profile_id)
            late = pool.submit(refusal, other, view(old, "2025-10-05T10:00:00Z"), at(LATER))
            _wait_for_one_in_line(stores)
            for month in (date(2025, 9, 1), date(2025, 10, 1)):
                assert months._close(tx, old.profile_id, month, at(LATER), YEAR) is None
        assert isinstance(late.result(), PeriodClosed)
    assert raw(stores, old) == 1
    assert rollups.verify(stores.database, old.profile_id) == []


def test_a_month_that_something_came_for_is_not_closed(stores: Stores, other: Stores, old: Profile) -> None:
    """The closing waits for the event, and looks again."""
    with ThreadPoolExecutor(1) as pool:
        events.prepare(stores, [view(old, "2025-10-05T10:00:00Z")], at(LATER))
        with committing(stores) as tx:
            events.store_in(tx, stores, [view(old, "2025-10-05T10:00:00Z")], at(LATER))
            closing = pool.submit(close, other, old, LATER)
            _wait_for_one_in_line(stores)
        closing.result()
    assert closed_of(stores) == [date(2025, 9, 1)]
    assert raw(stores, old) == 4
    assert rollups.verify(stores.database, old.profile_id) == []


def test_many_at_once_lose_and_double_nothing(stores: Stores, other: Stores, anna: Profile) -> None:
    """Events arrive for months that are closed at the same time: what was taken is counted, no more."""
    days = [f"2025-{month:02}-0{day}T10:00:00Z" for month in range(1, 11) for day in (2, 5)]
    store(stores, anna, *days[::2])
    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(close, other, anna, LATER)
        # Received as long ago: a month that it comes for in time is closed with it.
        told = [refusal(stores, view(anna, when), at("2025-10-05T10:00:00Z")) for when in days[1::2]]
        closing.result()
    close(stores, anna, LATER)
    assert all(error is None or isinstance(error, PeriodClosed) for error in told)
    taken = len(days[::2]) + sum(error is None for error in told)
    with stores.database.transaction() as tx:
        assert tx.value(select(func.sum(profile_performance.c.total_views))) == taken
        assert tx.value(select(func.sum(closed_months.c.events))) == taken
    assert rollups.verify(stores.database, anna.profile_id) == []


LINE = '192.0.2.1 - - [{}:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
CLOSED = "October 2025 is closed: its events were dropped after their time and are kept as sums alone."


def test_a_log_gives_what_is_open_and_rejects_the_rest(stores: Stores, old: Profile, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(map(LINE.format, ("05/Oct/2025", "05/Nov/2025", "06/Oct/2025", "06/Nov/2025"))))
    close(stores, old, LATER)
    trial = import_access_log(stores, old, log, dry_run=True)
    assert (trial.places["rejected"], trial.places["page"]) == (2, 2)
    assert trial.notes == ["2 lines lie in months that are closed, and can't be taken."]
    account = import_access_log(stores, old, log)
    assert (account.places["rejected"], account.places["stored"], account.lines) == (2, 2, 4)
    assert [(each.line, each.reason) for each in rejected_lines(account, 9)] == [(1, CLOSED), (3, CLOSED)]
    assert rollups.verify(stores.database, old.profile_id) == []


def test_a_month_may_be_closed_while_its_lines_are_read(stores: Stores, old: Profile, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(map(LINE.format, ["05/Nov/2025"] * 5_001 + ["05/Oct/2025", "06/Nov/2025"])))
    read: list[int] = []

    def progress(lines: int) -> None:
        if not read:
            close(stores, old, LATER)
        read.append(lines)

    account = import_access_log(stores, old, log, progress=progress)
    assert (account.places["rejected"], account.places["stored"], account.lines) == (1, 5_002, 5_003)
    assert [(each.line, each.reason) for each in rejected_lines(account, 9)] == [(5_002, CLOSED)]
    assert rollups.verify(stores.database, old.profile_id) == []


def _wait_for_one_in_line(stores: Stores) -> None:
    """Until somebody waits for a lock of this database."""
    waiting = text(
        "select exists (select from pg_locks join pg_database d on d.oid = database "
        "where locktype = 'advisory' and datname = current_database() and not granted)"
    )
    while True:
        with stores.database.transaction() as tx:
            if tx.value(waiting):
                return


def test_the_trail_tells_of_a_closed_month(stores: Stores, anna: Profile) -> None:
    store(stores, anna, "2025-01-05T10:00:00Z", "2025-01-06T10:00:00Z")
    close(stores, anna, "2026-11-24T10:00:00Z")
    with stores.database.transaction() as tx:
        (entry,) = audit.listing(tx, anna.profile_id, kind="keeping")
    assert (entry.actor, entry.details) == ("retention", {"events": 2})
    assert entry.sentence == "Closed January 2025: its events were removed, its figures stay"
