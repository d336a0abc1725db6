"""The keys of quarters end 90 days after them, once nothing is left to be hashed with them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import keys as module
from models.errors import Unavailable
from models.keys import Keys, Quarter
from models.retention import Periods
from models.stores import Stores
from services.ingest import events
from services.profiles import Profile
from services.retention import keys, runs, schedule
from services.retention.addresses import TASK
from services.retention.task import Counts
from tests.services.retention.conftest import GOING_ON, stored
from tests.services.retention.test_addresses import visit

SPRING = datetime(2026, 5, 5, tzinfo=UTC)
END = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(days=90)


def reduced(stores: Stores, profile: Profile, at: datetime) -> Counts:
    return TASK.run(stores, profile.profile_id, at, Periods(), GOING_ON)


def test_a_key_outlives_its_quarter_by_90_days(stores: Stores, anna: Profile) -> None:
    events.store(stores, [visit(anna)], SPRING)
    reduced(stores, anna, END)
    assert keys.destroy(stores, END - timedelta(seconds=1)) == Counts({"keys": 0}, {"keys": 0})
    assert Quarter.of(SPRING) in stores.keys.visitors()
    assert keys.destroy(stores, END) == Counts({"keys": 1}, {"keys": 0})
    assert Quarter.of(SPRING) not in stores.keys.visitors()
    assert keys.destroy(stores, END) == Counts({"keys": 0}, {"keys": 0})


def test_it_stays_while_any_profile_has_something_to_hash(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    for profile in (anna, priya):
        events.store(stores, [visit(profile)], SPRING)
    reduced(stores, anna, END)
    assert keys.destroy(stores, END) == Counts({"keys": 1}, {"keys": 1})
    reduced(stores, priya, END)
    assert keys.destroy(stores, END).after == {"keys": 0}
    assert stored(stores, priya)[0]["address_hash"] is not None


def test_its_end_is_in_the_record_of_every_profile(stores: Stores, anna: Profile, priya: Profile) -> None:
    events.store(stores, [visit(anna)], SPRING)
    schedule.turn(stores, END, GOING_ON)
    schedule.turn(stores, END + timedelta(days=2), GOING_ON)
    for profile in (anna, priya):
        with stores.database.transaction() as tx:
            [run] = [run for run in runs.telling(tx, profile.profile_id) if run.task == keys.WORDS.name]
        assert (run.before, run.after, run.started_at) == ({"keys": 1}, {"keys": 0}, END)


def test_nobody_makes_or_uses_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = Keys(tmp_path), Keys(tmp_path)
    key = other.visitor(SPRING)
    own.destroy_visitor(Quarter.of(SPRING))
    assert key.decode() not in (tmp_path / "visitor-2026q2").read_text()
    for each in (own, Keys(tmp_path)):
        with pytest.raises(Unavailable, match="Set the clock of this machine right"):
            each.visitor(SPRING)
    # Another process learns of it within a minute.
    monkeypatch.setattr(module.time, "monotonic", lambda: 1e9)
    with pytest.raises(Unavailable):
        other.visitor(SPRING)
    assert own.visitors() == {}
    assert own.visitor(END) == other.visitor(END)


def test_looking_makes_no_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "none")
    assert keys.visitors() == {}
    assert not (tmp_path / "none").exists()


def test_the_bytes_are_written_over_in_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, path = Keys(tmp_path), tmp_path / "visitor-2026q2"
    key = keys.visitor(SPRING).decode()
    linked = tmp_path / "same-bytes"
    linked.hardlink_to(path)
    keys.destroy_visitor(Quarter.of(SPRING))
    assert len(linked.read_text()) == len(key)
    assert linked.read_text() != key


@pytest.mark.parametrize(
    ("at", "name", "end"),
    [
        ("2026-12-31T23:59:59+00:00", "2026q4", "2027-01-01"),
        ("2026-04-01T01:00:00+02:00", "2026q1", "2026-04-01"),
    ],
)
def test_a_quarter_is_one_of_the_calendar_in_utc(at: str, name: str, end: str) -> None:
    quarter = Quarter.of(datetime.fromisoformat(at))
    assert (str(quarter), quarter.end) == (name, datetime.fromisoformat(f"{end}T00:00:00+00:00"))
    assert Quarter.of(quarter.start) == quarter
