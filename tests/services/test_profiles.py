from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from models.clock import now
from models.database import Database
from models.errors import Conflict, InvalidInput, NotFound
from models.stores import Stores
from services import costs, profiles
from services.ingest import events
from services.ingest.inputs import Cost, Event
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")


def add(database: Database, **fields: Any) -> Profile:
    wanted = {"name": "Anna", "time_zone": "Europe/Berlin", "currency": "eur", "at": NOW}
    with database.transaction() as tx:
        return profiles.add(tx, **{**wanted, **fields})


def test_a_profile_is_kept_as_it_was_given(database: Database) -> None:
    own = UUID(int=5)
    made = add(
        database,
        name=" Anna ",
        own_hosts=["Anna.Example", "anna.example.", "https://b.example:8443/about?x#y"],
        profile_id=own,
    )
    assert profiles.find(database, own) == made
    assert (made.name, made.currency, made.own_hosts) == ("Anna", "EUR", ("anna.example", "b.example"))
    assert len(made.public_key) >= 20
    assert made.public_key != add(database).public_key
    with pytest.raises(Conflict, match="already"):
        add(database, profile_id=own)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": "  "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"time_zone": "Mars/Olympus"}, "/timezone"),
        ({"time_zone": "localtime"}, "/timezone"),
        ({"time_zone": "../etc/passwd"}, "/timezone"),
        ({"currency": "EURO"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"own_hosts": ["a.example", "https://"]}, "/hosts/1"),
        ({"own_hosts": ["b@c.example"]}, "/hosts/0"),
        ({"own_hosts": ["a b"]}, "/hosts/0"),
        ({"own_hosts": [""]}, "/hosts/0"),
    ],
)
def test_profiles_that_can_not_be(database: Database, fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(database, **fields)
    assert refused.value.problems[0].pointer == pointer
    assert profiles.every(database) == []


def test_zone_and_currency_are_fixed_once_there_is_data(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    def edit(profile: Profile, **changes: Any) -> Profile:
        with stores.database.transaction() as tx:
            return profiles.edit(tx, profile.profile_id, at=now(), **changes)

    assert edit(anna, time_zone="Asia/Tokyo", currency="jpy").currency == "JPY"
    events.store(stores, [Event(profile_id=anna.profile_id, event_type="click")], NOW)
    lamp = {"category": "tools", "description": "A lamp", "amount": "5", "date": "2026-11-10"}
    with stores.database.transaction() as tx:
        costs.add(tx, priya, Cost(profile_id=priya.profile_id, **lamp), NOW)
    for profile in (anna, priya):
        with pytest.raises(Conflict, match="has data already"):
            edit(profile, time_zone="Europe/Paris")
        with pytest.raises(Conflict):
            edit(profile, currency="USD", name="New")
    unchanged = edit(anna, time_zone="Asia/Tokyo", currency="JPY", name="Anna B.", own_hosts=["c.example"])
    assert (unchanged.name, unchanged.own_hosts) == ("Anna B.", ("c.example",))


def test_a_profile_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound):
        profiles.find(database, uuid4())
    with database.transaction() as tx, pytest.raises(NotFound):
        profiles.edit(tx, uuid4(), at=NOW, name="x")
