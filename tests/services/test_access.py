"""Alice owns the profile, Bob may look at it, Charlie must not learn that it exists."""

from uuid import UUID, uuid4

import pytest

from models.clock import now
from models.database import Database
from models.errors import Forbidden, NotFound
from services import accounts
from services.access import ADMIN, COSTS_WRITE, EVENTS_WRITE, READ, SCOPES, Caller
from services.profiles import Profile


@pytest.fixture
def alice(anna: Profile) -> Caller:
    return Caller.of_roles(UUID(int=1), "alice@example.org", {anna.profile_id: "owner"})


@pytest.fixture
def bob(anna: Profile) -> Caller:
    return Caller.of_roles(UUID(int=2), "bob@example.org", {anna.profile_id: "viewer"})


@pytest.fixture
def charlie() -> Caller:
    return Caller.of_roles(UUID(int=3), "charlie@example.org", {})


def test_the_owner_may_everything(database: Database, alice: Caller, anna: Profile) -> None:
    for scope in SCOPES:
        assert alice.profile(database, anna.profile_id, scope) == anna


def test_a_viewer_may_read_alone(database: Database, bob: Caller, anna: Profile) -> None:
    assert bob.profile(database, anna.profile_id) == anna
    for scope in (COSTS_WRITE, EVENTS_WRITE, ADMIN):
        with pytest.raises(Forbidden, match=scope):
            bob.require(anna.profile_id, scope)


def test_a_stranger_can_not_tell_it_from_one_that_is_not_there(
    database: Database, charlie: Caller, anna: Profile
) -> None:
    answers = set()
    for profile_id in (anna.profile_id, uuid4()):
        for scope in SCOPES:
            with pytest.raises(NotFound) as refused:
                charlie.profile(database, profile_id, scope)
            answers.add(str(refused.value))
    assert len(answers) == 1
    assert charlie.profiles(database) == []


def test_each_sees_its_own_profiles(database: Database, alice: Caller, anna: Profile, priya: Profile) -> None:
    assert alice.profiles(database) == [anna]
    platform = Caller("platform", everything=frozenset({READ}))
    assert platform.profiles(database) == [anna, priya]
    assert platform.may(READ, uuid4())
    with pytest.raises(NotFound):
        platform.profile(database, uuid4())
    with pytest.raises(Forbidden):
        platform.require(anna.profile_id, COSTS_WRITE)


def test_a_role_that_changes_holds_at_once(database: Database, anna: Profile) -> None:
    with database.transaction() as tx:
        account = accounts.add(tx, "bob@example.org", "correct horse", now())
        accounts.grant(tx, account.account_id, anna.profile_id, "viewer", now())
    for role, may_write in (("viewer", False), ("owner", True)):
        with database.transaction() as tx:
            accounts.grant(tx, account.account_id, anna.profile_id, role, now())
        caller = accounts.caller_of(database, account.account_id, 0)
        assert caller is not None
        assert caller.may(COSTS_WRITE, anna.profile_id) is may_write
