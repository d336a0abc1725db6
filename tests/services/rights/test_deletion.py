"""Deletion of a profile for good."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.clock import now
from models.errors import Conflict, InvalidInput, NotFound, Unavailable
from models.ids import new_id
from models.schema import deletions, profile_events
from models.stores import Stores, open_redis
from services import accounts, profiles, rollups
from services.domain_events.consumer import Consumer
from services.domain_events.dead import letters
from services.domain_events.stream import Stream
from services.imports import ledger
from services.ingest import events
from services.ingest.inputs import Event
from services.jobs import runner
from services.live.presence import presence
from services.profiles import Profile
from services.rights import deletion, shelf
from tests.services.domain_events.conftest import event
from tests.services.rights.conftest import PASSWORD, Fill, known, left


def test_nothing_is_left_anywhere_and_others_keep_all(
    stores: Stores, anna: Profile, priya: Profile, fill: Fill
) -> None:
    fill(anna)
    fill(priya)
    for profile in (anna, priya):
        presence(stores, profile.profile_id, now())
        with shelf.placing(stores, profile.profile_id) as file:
            file.write(profile.name.encode())
    assert len(left(stores, anna)) > 60
    before, hers = known(stores, priya.profile_id), left(stores, priya)
    at = now()
    deletion.ask(stores, anna.profile_id, " Anna ", at)
    assert deletion.carry_out(stores, at) == 1
    assert [place.split(":")[0] for place in left(stores, anna)] == ["deletions"]
    assert deletion.carry_out(stores, at + timedelta(minutes=9)) == 0
    assert deletion.carry_out(stores, at + timedelta(minutes=11)) == 1
    assert left(stores, anna) == []
    assert deletion.carry_out(stores, at + timedelta(days=1)) == 0
    assert deletion.is_deleted(stores, anna.profile_id)
    assert known(stores, priya.profile_id) == before
    # In no order: that in which Redis lists its keys changes with their number.
    assert sorted(left(stores, priya)) == sorted(hers)
    assert rollups.verify(stores.database, priya.profile_id) == []
    assert not deletion.is_deleted(stores, priya.profile_id)


def test_everybody_loses_it_at_once(stores: Stores, anna: Profile, fill: Fill) -> None:
    fill(anna)
    account = accounts.sign_in(stores, "owner-anna@example.com", PASSWORD, "127.0.0.1")
    deletion.ask(stores, anna.profile_id, "Anna", now())
    again = accounts.sign_in(stores, "owner-anna@example.com", PASSWORD, "127.0.0.1")
    caller = accounts.caller_of(stores.database, again.account_id, again.epoch)
    assert again == account
    assert caller is not None
    assert caller.profiles(stores.database) == []
    with pytest.raises(NotFound):
        caller.profile(stores.database, anna.profile_id)
    with pytest.raises(NotFound):
        events.store(stores, [Event(profile_id=anna.profile_id, event_type="view")], now())
    with pytest.raises(NotFound):
        deletion.ask(stores, anna.profile_id, "Anna", now())
    assert not runner.one(stores)
    assert ledger.mend(stores.database) == 0
    last = stores.feed.latest(anna.profile_id, 1)[0]
    assert json.loads(last.body)["event"] == "profile-deleted"


def test_the_name_has_to_be_typed(stores: Stores, anna: Profile) -> None:
    with pytest.raises(InvalidInput, match="Nothing was deleted"):
        deletion.ask(stores, anna.profile_id, "anna", now())
    assert profiles.find(stores.database, anna.profile_id) == anna


class Killed(Exception):
    """As if the process ended here."""


def test_what_breaks_off_is_carried_to_its_end(
    stores: Stores, anna: Profile, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "_AT_ONCE", 2)
    fill(anna)
    deletion.ask(stores, anna.profile_id, "Anna", now())
    steps = died = 0

    def look() -> None:
        nonlocal steps
        steps += 1
        if steps > 5 * died + 5:
            raise Killed

    while died < 20:
        try:
            steps = 0
            deletion.carry_out(stores, now(), look=look)
            break
        except Killed:
            died += 1
    assert died > 3
    assert [place.split(":")[0] for place in left(stores, anna)] == ["deletions"]


def test_what_was_on_its_way_goes_too(stores: Stores, anna: Profile) -> None:
    at = now()
    deletion.ask(stores, anna.profile_id, "Anna", at)
    deletion.carry_out(stores, at)
    late = Event(profile_id=anna.profile_id, event_type="view", visitor_id="late")
    with stores.database.transaction() as tx:
        stores.database.ensure_partitions([at])
        row = events._row(stores, anna, late, None, at, None)
        tx.insert_new(profile_events, [row])
    stores.redis.set(f"live:{{{anna.profile_id}}}:late", 1)
    deletion.carry_out(stores, at + deletion.SETTLED)
    assert left(stores, anna) == []


def test_its_id_is_free_once_all_is_gone(stores: Stores, anna: Profile) -> None:
    at = now()
    deletion.ask(stores, anna.profile_id, "Anna", at)

    def again() -> Profile:
        with stores.database.transaction() as tx:
            return profiles.add(
                tx, name="New", time_zone="UTC", currency="EUR", at=at, profile_id=anna.profile_id
            )

    with pytest.raises(Conflict, match="just deleted"):
        again()
    deletion.carry_out(stores, at)
    deletion.carry_out(stores, at + deletion.SETTLED)
    assert again().profile_id == anna.profile_id
    events.store(stores, [Event(profile_id=anna.profile_id, event_type="view")], now())
    assert deletion.carry_out(stores, at + timedelta(days=1)) == 0
    deletion.ask(stores, anna.profile_id, "New", at)
    with stores.database.transaction() as tx:
        assert tx.value(select(func.count()).select_from(deletions)) == 1
    assert deletion.carry_out(stores, at) == 1


def test_a_later_event_is_dropped_and_one_of_a_stranger_kept(
    stores: Stores, anna: Profile, priya: Profile, stream: Stream
) -> None:
    deletion.ask(stores, anna.profile_id, "Anna", now())
    deletion.carry_out(stores, now())
    unknown = Profile(new_id(), "Nobody", "UTC", "EUR")
    for profile in (anna, unknown, priya):
        stream.publish([json.dumps(event(profile, "profile.viewed", ip="192.0.2.1"))])
    Consumer(stores, stream, "first", idle=0, grace=0).turn()
    assert [each.text.count(str(unknown.profile_id)) for each in letters(stream)] == [1]
    assert str(anna.profile_id) not in str(stream.redis.xrange(stream.name))
    assert len(stream.redis.xrange(stream.name)) == 2
    assert stream.pending(10) == []
    assert stream.redis.hget(stream.totals, "of deleted profiles") == "1"
    assert rollups.verify(stores.database, priya.profile_id) == []


def test_an_event_that_another_group_still_reads_stays_for_it(
    stores: Stores, anna: Profile, stream: Stream
) -> None:
    stream.redis.xgroup_create(stream.name, "billing", id="0")
    stream.publish([json.dumps(event(anna, "profile.viewed"))])
    stream.read("first", 1, 0)
    deletion.ask(stores, anna.profile_id, "Anna", now())
    deletion.carry_out(stores, now())
    assert len(stream.redis.xrange(stream.name)) == 1
    assert stream.pending(10) == []


def test_while_redis_is_away_it_waits(stores: Stores, anna: Profile, fill: Fill) -> None:
    fill(anna)
    away = replace(stores, redis=open_redis("redis://127.0.0.1:1"))
    deletion.ask(away, anna.profile_id, "Anna", now())
    with pytest.raises(Unavailable):
        deletion.carry_out(away, now())
    assert deletion.carry_out(stores, now()) == 1
    assert [place.split(":")[0] for place in left(stores, anna)] == ["deletions"]
