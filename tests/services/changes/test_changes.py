"""How a change runs: one at a time, all or nothing, and seen by others while it does."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from models.clock import now
from models.errors import Conflict, InvalidInput, NotFound
from models.ids import new_id
from models.schema import profile_changes, profile_events
from models.stores import Stores
from services import changes, costs, profiles, rollups
from services.changes import Change, ledger, runner
from services.imports import ledger as importing
from services.imports.statements import read
from services.imports.transactions import import_transactions
from services.ingest import events
from services.ingest.inputs import Cost, Event
from services.profiles import Profile
from tests.services.ingest.test_transactions import ID, NOW, daily, record, refund, row, sale


def latest(stores: Stores, profile: Profile) -> Change | None:
    with stores.database.transaction() as tx:
        return changes.latest(tx, profile.profile_id)


def begin(stores: Stores, profile: Profile, zone: str = "Asia/Tokyo", currency: str = "JPY") -> Change:
    return changes.begin(stores, profile.profile_id, zone, currency, now())


@pytest.fixture
def with_data(stores: Stores, anna: Profile, publish: Callable[..., None]) -> Profile:
    """Anna with a view, a sale that was given back in part, and a cost."""
    publish("JPY", "2026-11-10", "160")
    late = datetime.fromisoformat("2026-11-10T23:00:00+01:00")
    events.store(stores, [Event(profile_id=anna.profile_id, event_type="view", timestamp=late)], NOW)
    record(stores, anna, sale(anna, id=ID))
    refund(stores, anna, "50", "r1")
    lamp = {"category": "tools", "description": "A lamp", "amount": "5", "date": "2026-11-10"}
    with stores.database.transaction() as tx:
        costs.add(tx, anna, Cost(profile_id=anna.profile_id, **lamp), NOW)
    return anna


def test_it_is_told_from_its_beginning_to_its_end(stores: Stores, with_data: Profile) -> None:
    assert latest(stores, with_data) is None
    begun = begin(stores, with_data)
    assert latest(stores, with_data) == begun
    assert (begun.status, begun.done, begun.total) == ("running", 0, 0)
    seen: list[Change | None] = []
    changes.run(stores, begun, lambda done, total: seen.append(latest(stores, with_data)))
    assert all(change and change.running and change.total == 5 for change in seen)
    ended = latest(stores, with_data)
    assert ended is not None
    assert (ended.status, ended.done, ended.total, ended.problem) == ("done", 5, 5, None)
    assert (ended.time_zone, ended.currency) == ("Asia/Tokyo", "JPY")
    assert ended.finished_at is not None
    changed = profiles.find(stores.database, with_data.profile_id)
    assert (changed.time_zone, changed.currency) == ("Asia/Tokyo", "JPY")
    with pytest.raises(Conflict, match="has ended"):
        changes.run(stores, begun)


@pytest.mark.parametrize(
    ("zone", "currency", "error"),
    [("Mars/Base", "EUR", InvalidInput), ("Asia/Tokyo", "ZZZ", InvalidInput), ("Asia/Tokyo", "jpy", None)],
)
def test_what_it_changes_to_is_checked(
    stores: Stores, anna: Profile, zone: str, currency: str, error: type[Exception] | None
) -> None:
    if error is None:
        assert begin(stores, anna, zone, currency).currency == "JPY"
        return
    with pytest.raises(error):
        begin(stores, anna, zone, currency)
    assert latest(stores, anna) is None


def test_a_profile_that_is_not_there(stores: Stores) -> None:
    with pytest.raises(NotFound):
        changes.begin(stores, new_id(), "Asia/Tokyo", "JPY", NOW)


def test_there_is_one_at_a_time(stores: Stores, with_data: Profile, priya: Profile) -> None:
    begun = begin(stores, with_data)

    def attempt(done: int, total: int) -> None:
        with pytest.raises(Conflict, match="is running"):
            begin(stores, with_data)
        with pytest.raises(Conflict):
            changes.run(stores, begun)
        other = begin(stores, priya)
        changes.run(stores, other)

    changes.run(stores, begun, attempt)
    assert profiles.find(stores.database, priya.profile_id).currency == "JPY"
    changes.run(stores, begin(stores, with_data, "Europe/Berlin", "EUR"))
    assert daily(stores, with_data, "gross") == {"2026-11-10": 100}


def test_one_that_breaks_off_leaves_all_as_it_was(
    stores: Stores, with_data: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (row(stores, with_data), profiles.find(stores.database, with_data.profile_id))

    def die(*_: Any) -> None:
        raise RuntimeError("the disk is full of secrets")

    monkeypatch.setattr(runner.money, "rebuild", die)
    with pytest.raises(RuntimeError):
        changes.run(stores, begin(stores, with_data))
    failed = latest(stores, with_data)
    assert failed is not None
    assert (failed.status, failed.problem) == ("failed", "It broke off; nothing was changed.")
    assert failed.finished_at is not None
    assert (row(stores, with_data), profiles.find(stores.database, with_data.profile_id)) == before
    assert rollups.verify(stores.database, with_data.profile_id) == []
    monkeypatch.undo()
    changes.run(stores, begin(stores, with_data))
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000}


def test_one_whose_process_died_is_failed(stores: Stores, with_data: Profile) -> None:
    begun = begin(stores, with_data)
    ledger.tell(stores.database, begun, 2, 5)
    broken = latest(stores, with_data)
    assert broken is not None
    assert (broken.status, broken.done, broken.total) == ("failed", 2, 5)
    assert broken.problem == "It broke off; nothing was changed."
    begin(stores, with_data)
    with stores.database.transaction() as tx:
        kept = tx.rows(select(profile_changes).order_by(profile_changes.c.change_id))
    assert [(each["status"], each["finished_at"] is None) for each in kept] == [
        ("failed", False),
        ("running", True),
    ]


def test_one_that_nothing_took_up_is_failed_after_a_while(stores: Stores, with_data: Profile) -> None:
    begun = begin(stores, with_data)
    with stores.database.transaction() as tx:
        tx.run(update(profile_changes).values(started_at=begun.started_at - timedelta(minutes=6)))
    failed = latest(stores, with_data)
    assert failed is not None
    assert failed.status == "failed"


def test_an_event_that_comes_meanwhile_waits_and_is_of_the_new_zone(
    stores: Stores, with_data: Profile
) -> None:
    at = datetime.fromisoformat("2026-11-12T20:00:00+01:00")
    view = Event(profile_id=with_data.profile_id, event_type="view", timestamp=at)
    sender = Thread(target=events.store, args=(stores, [view], NOW))
    waiting: list[bool] = []

    def send(done: int, total: int) -> None:
        if not waiting:
            sender.start()
            sender.join(0.3)
            waiting.append(sender.is_alive())

    changes.run(stores, begin(stores, with_data), send)
    sender.join(10)
    assert waiting == [True]
    with stores.database.transaction() as tx:
        days = [each["local_date"] for each in tx.rows(select(profile_events.c.local_date))]
    assert sorted(days) == [date(2026, 11, 11), date(2026, 11, 13)]
    assert rollups.verify(stores.database, with_data.profile_id) == []


def test_what_comes_after_is_kept_in_the_new_zone_and_currency(stores: Stores, with_data: Profile) -> None:
    changes.run(stores, begin(stores, with_data))
    # An importer that began before still has the profile as it was.
    record(stores, with_data, sale(with_data, date="2026-11-10T23:00:00+01:00", amount="1"))
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000, "2026-11-11": 1}


def test_an_import_goes_on_after_it_as_before(
    stores: Stores, with_data: Profile, tmp_path: Path, publish: Callable[..., None]
) -> None:
    publish("JPY", "2026-11-12", "150")
    path = tmp_path / "export.csv"
    lines = ["Date,Type,Name,Transaction ID,Gross,Currency,Status"]
    lines += [f"2026-11-1{day},Payment,Ben,S-{day},40.00,EUR,Completed" for day in (1, 2)]
    path.write_text("\n".join(lines[:2]))
    assert import_transactions(stores, with_data, path, read(path), "gift").places["stored"] == 1
    changes.run(stores, begin(stores, with_data))
    path.write_text("\n".join(lines))
    again = import_transactions(stores, with_data, path, read(path), "gift")
    assert (again.places["stored"], again.places["duplicate"]) == (1, 1)
    assert daily(stores, with_data, "gross") == {
        "2026-11-10": 16_000,
        "2026-11-11": 6_400,
        "2026-11-12": 6_000,
    }
    assert again.import_id is not None
    importing.undo(stores.database, again.import_id)
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000, "2026-11-11": 6_400}
    assert rollups.verify(stores.database, with_data.profile_id) == []


def test_in_the_background(stores: Stores, with_data: Profile) -> None:
    begun = changes.begin(stores, with_data.profile_id, "Asia/Tokyo", "JPY", now())
    assert begun.running
    changes.follow(stores, begun).join(30)
    ended = latest(stores, with_data)
    assert ended is not None
    assert ended.status == "done"


def test_an_edit_begins_one_where_there_is_data(stores: Stores, with_data: Profile, priya: Profile) -> None:
    def edit(profile: Profile, **given: Any) -> Change | None:
        return changes.edit(stores, profile.profile_id, at=now(), **given)

    assert edit(priya, time_zone="Asia/Tokyo", currency="jpy", name="P") is None
    assert profiles.find(stores.database, priya.profile_id).currency == "JPY"
    assert edit(with_data, name="Anna B", time_zone="Europe/Berlin", currency="eur") is None
    with pytest.raises(InvalidInput):
        edit(with_data, name="", currency="JPY")
    assert latest(stores, with_data) is None
    begun = edit(with_data, name="Anna C", currency="jpy")
    assert begun is not None
    assert (begun.time_zone, begun.currency) == ("Europe/Berlin", "JPY")
    kept = profiles.find(stores.database, with_data.profile_id)
    assert (kept.name, kept.currency) == ("Anna C", "EUR")
    with pytest.raises(Conflict):
        edit(with_data, name="Anna D", time_zone="Asia/Tokyo")
    assert profiles.find(stores.database, with_data.profile_id).name == "Anna C"
    changes.run(stores, begun)
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000}


def test_a_name_can_be_changed_meanwhile(stores: Stores, with_data: Profile) -> None:
    named: list[str] = []

    def rename(done: int, total: int) -> None:
        if not named:
            changes.edit(stores, with_data.profile_id, at=now(), name="Anna B", time_zone="Europe/Berlin")
            named.append(profiles.find(stores.database, with_data.profile_id).name)

    changes.run(stores, begin(stores, with_data), rename)
    changed = profiles.find(stores.database, with_data.profile_id)
    assert (named, changed.name, changed.currency) == (["Anna B"], "Anna B", "JPY")
