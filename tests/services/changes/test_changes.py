"""How a change runs: all or nothing, told while it does, and others go on around it."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from models.errors import InvalidInput, NotFound
from models.ids import new_id
from models.schema import profile_events
from models.stores import Stores
from services import changes, costs, profiles, rollups
from services.changes import runner
from services.imports import ledger as importing
from services.imports.statements import read
from services.imports.transactions import import_transactions
from services.ingest import events
from services.ingest.inputs import Cost, Event
from services.profiles import Profile
from tests.services.ingest.test_transactions import ID, NOW, daily, record, refund, row, sale


def change(
    stores: Stores,
    profile: Profile,
    zone: str = "Asia/Tokyo",
    currency: str = "JPY",
    report: changes.Report = lambda done, total: None,
) -> None:
    changes.change(stores.database, profile.profile_id, zone, currency, report)


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
    told: list[tuple[int, int]] = []
    change(stores, with_data, report=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    assert told == sorted(told)
    changed = profiles.find(stores.database, with_data.profile_id)
    assert (changed.time_zone, changed.currency) == ("Asia/Tokyo", "JPY")
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000}


def test_done_again_it_changes_nothing(stores: Stores, with_data: Profile) -> None:
    change(stores, with_data)
    before = row(stores, with_data)
    change(stores, with_data)
    assert row(stores, with_data) == before
    assert rollups.verify(stores.database, with_data.profile_id) == []


@pytest.mark.parametrize(
    ("zone", "currency", "error"),
    [("Mars/Base", "EUR", InvalidInput), ("Asia/Tokyo", "ZZZ", InvalidInput), ("Asia/Tokyo", "jpy", None)],
)
def test_what_it_changes_to_is_checked(
    stores: Stores, anna: Profile, zone: str, currency: str, error: type[Exception] | None
) -> None:
    if error is None:
        change(stores, anna, zone, currency)
        assert profiles.find(stores.database, anna.profile_id).currency == "JPY"
        return
    with pytest.raises(error):
        change(stores, anna, zone, currency)
    assert profiles.find(stores.database, anna.profile_id) == anna


def test_a_profile_that_is_not_there(stores: Stores) -> None:
    with pytest.raises(NotFound):
        changes.change(stores.database, new_id(), "Asia/Tokyo", "JPY")


def test_each_profile_changes_for_itself(stores: Stores, with_data: Profile, priya: Profile) -> None:
    def other(done: int, total: int) -> None:
        change(stores, priya)

    change(stores, with_data, report=other)
    assert profiles.find(stores.database, priya.profile_id).currency == "JPY"
    change(stores, with_data, "Europe/Berlin", "EUR")
    assert daily(stores, with_data, "gross") == {"2026-11-10": 100}


def test_one_that_breaks_off_leaves_all_as_it_was(
    stores: Stores, with_data: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (row(stores, with_data), profiles.find(stores.database, with_data.profile_id))

    def die(*_: Any) -> None:
        raise RuntimeError("the disk is full of secrets")

    monkeypatch.setattr(runner.money, "rebuild", die)
    with pytest.raises(RuntimeError):
        change(stores, with_data)
    assert (row(stores, with_data), profiles.find(stores.database, with_data.profile_id)) == before
    assert rollups.verify(stores.database, with_data.profile_id) == []
    monkeypatch.undo()
    change(stores, with_data)
    assert daily(stores, with_data, "gross") == {"2026-11-10": 16_000}


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

    change(stores, with_data, report=send)
    sender.join(10)
    assert waiting == [True]
    with stores.database.transaction() as tx:
        days = [each["local_date"] for each in tx.rows(select(profile_events.c.local_date))]
    assert sorted(days) == [date(2026, 11, 11), date(2026, 11, 13)]
    assert rollups.verify(stores.database, with_data.profile_id) == []


def test_what_comes_after_is_kept_in_the_new_zone_and_currency(stores: Stores, with_data: Profile) -> None:
    change(stores, with_data)
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
    change(stores, with_data)
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


def test_a_name_can_be_changed_meanwhile(stores: Stores, with_data: Profile) -> None:
    named: list[str] = []

    def rename(done: int, total: int) -> None:
        if not named:
            with stores.database.transaction() as tx:
                profiles.edit(tx, with_data.profile_id, at=NOW, name="Anna B")
            named.append(profiles.find(stores.database, with_data.profile_id).name)

    change(stores, with_data, report=rename)
    changed = profiles.find(stores.database, with_data.profile_id)
    assert (named, changed.name, changed.currency) == (["Anna B"], "Anna B", "JPY")
