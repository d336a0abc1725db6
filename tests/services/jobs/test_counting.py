"""What counts everything again: a rebuild, and a change of zone or currency."""

import pytest
from sqlalchemy import update

from models.clock import now
from models.errors import Conflict, InvalidInput
from models.schema import profile_performance
from models.stores import Stores
from services import jobs, profiles, rollups
from services.jobs import CHANGE, Job, runner
from services.profiles import Profile
from tests.services.jobs.conftest import BY, seen


def edit(stores: Stores, profile: Profile, **given: str) -> Job | None:
    return jobs.edit(stores, profile.profile_id, asked_by=BY, at=now(), **given)


def newest(stores: Stores, profile: Profile) -> Job | None:
    with stores.database.transaction() as tx:
        return jobs.newest(tx, profile.profile_id, CHANGE)


def test_a_rebuild_says_what_differed_and_mends_it(stores: Stores, with_data: Profile) -> None:
    with stores.database.transaction() as tx:
        tx.run(update(profile_performance).values(total_views=7))
    job = jobs.rebuild(stores, with_data.profile_id, BY, now())
    runner.one(stores)
    ended = seen(stores, job)
    assert ended.result is not None
    assert ended.result["differences"] == 1
    (example,) = ended.result["examples"]
    assert "total_views is 7, the raw rows give 1" in example
    assert ended.done == ended.total == 2 * rollups.PARTS
    assert rollups.verify(stores.database, with_data.profile_id) == []
    again = jobs.rebuild(stores, with_data.profile_id, BY, now())
    runner.one(stores)
    assert seen(stores, again).result == {"differences": 0, "examples": []}


def test_one_at_a_time(stores: Stores, with_data: Profile, priya: Profile) -> None:
    jobs.rebuild(stores, with_data.profile_id, BY, now())
    with pytest.raises(Conflict, match="being counted again already"):
        jobs.rebuild(stores, with_data.profile_id, BY, now())
    jobs.rebuild(stores, priya.profile_id, BY, now())
    assert edit(stores, with_data, currency="JPY") is not None
    with pytest.raises(Conflict, match="A change of time zone or currency is running"):
        edit(stores, with_data, name="Anna D", time_zone="Asia/Tokyo")
    assert profiles.find(stores.database, with_data.profile_id).name == "Anna"
    while runner.one(stores):
        pass
    assert edit(stores, with_data, time_zone="Asia/Tokyo") is not None


def test_an_edit_asks_for_a_change_where_there_is_data(
    stores: Stores, with_data: Profile, priya: Profile
) -> None:
    assert edit(stores, priya, time_zone="Asia/Tokyo", currency="jpy", name="P") is None
    assert profiles.find(stores.database, priya.profile_id).currency == "JPY"
    assert edit(stores, with_data, name="Anna B", time_zone="Europe/Berlin", currency="eur") is None
    for wrong in ({"name": "", "currency": "JPY"}, {"currency": "ZZZ"}, {"time_zone": "Mars/Base"}):
        with pytest.raises(InvalidInput):
            edit(stores, with_data, **wrong)
    assert newest(stores, with_data) is None
    queued = edit(stores, with_data, name="Anna C", currency="jpy")
    assert queued is not None
    assert (queued.title, queued.status) == ("Change to Europe/Berlin, JPY", "queued")
    assert newest(stores, with_data) == queued
    kept = profiles.find(stores.database, with_data.profile_id)
    assert (kept.name, kept.currency) == ("Anna C", "EUR")
    # A name needs no counting, and goes meanwhile.
    assert edit(stores, with_data, name="Anna D", time_zone="Europe/Berlin") is None
    assert runner.one(stores)
    done = seen(stores, queued)
    # A view and a sale, each moved or converted and counted: the zone stays, so the view is left alone.
    assert (done.status, done.done, done.total) == ("done", 2, 2)
    changed = profiles.find(stores.database, with_data.profile_id)
    assert (changed.name, changed.currency) == ("Anna D", "JPY")
    assert rollups.verify(stores.database, with_data.profile_id) == []
