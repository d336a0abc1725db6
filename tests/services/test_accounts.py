"""Signing in, and what ends a session."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.clock import now
from models.errors import Conflict, InvalidInput, NotFound, TooManyRequests, Unauthenticated
from models.stores import Stores
from services import accounts
from services.accounts import Account
from services.profiles import Profile

PASSWORD = "correct horse battery"


@pytest.fixture
def alice(stores: Stores) -> Account:
    with stores.database.transaction() as tx:
        return accounts.add(tx, " Alice@Example.org ", PASSWORD, now())


def test_the_right_password_signs_in_whatever_the_case_of_the_address(stores: Stores, alice: Account) -> None:
    assert alice.email == "Alice@Example.org"
    assert accounts.sign_in(stores, "alice@example.ORG ", PASSWORD, "192.0.2.1") == alice


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(stores: Stores, alice: Account) -> None:
    answers = set()
    for email, password in (
        (alice.email, "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (alice.email, ""),
        (alice.email + "\x00", PASSWORD),
        (alice.email, PASSWORD + "x"),
    ):
        with pytest.raises(Unauthenticated) as refused:
            accounts.sign_in(stores, email, password, "192.0.2.1")
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_tries_are_limited_by_account_and_address(stores: Stores, alice: Account) -> None:
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(stores, alice.email, "wrong password", "192.0.2.1")
    with pytest.raises(TooManyRequests) as refused:
        accounts.sign_in(stores, alice.email.upper(), PASSWORD, "192.0.2.1")
    assert 1 <= refused.value.retry_after <= 300
    assert accounts.sign_in(stores, alice.email, PASSWORD, "192.0.2.2") == alice


def test_a_success_starts_the_count_again(stores: Stores, alice: Account) -> None:
    for _ in range(2):
        for _ in range(8):
            with pytest.raises(Unauthenticated):
                accounts.sign_in(stores, alice.email, "wrong password", "192.0.2.1")
        accounts.sign_in(stores, alice.email, PASSWORD, "192.0.2.1")


def test_a_new_password_ends_every_session(stores: Stores, alice: Account) -> None:
    assert accounts.caller_of(stores.database, alice.account_id, alice.epoch) is not None
    with stores.database.transaction() as tx:
        accounts.set_password(tx, alice.account_id, "another password")
    assert accounts.caller_of(stores.database, alice.account_id, alice.epoch) is None
    with pytest.raises(Unauthenticated):
        accounts.sign_in(stores, alice.email, PASSWORD, "192.0.2.1")
    assert accounts.sign_in(stores, alice.email, "another password", "192.0.2.1").epoch == alice.epoch + 1


@pytest.mark.parametrize(
    ("email", "password", "pointer"),
    [
        ("alice", PASSWORD, "email"),
        ("a b@example.org", PASSWORD, "email"),
        ("a\x00@example.org", PASSWORD, "email"),
        ("a" * 65 + "@example.org", PASSWORD, "email"),
        ("bob@example.org", "short", "password"),
        ("bob@example.org", "x" * 201, "password"),
    ],
)
def test_accounts_that_can_not_be(stores: Stores, email: str, password: str, pointer: str) -> None:
    with stores.database.transaction() as tx, pytest.raises(InvalidInput) as refused:
        accounts.add(tx, email, password, now())
    assert refused.value.problems[0].pointer == pointer
    assert not accounts.any_account(stores.database)


def test_one_account_for_each_address(stores: Stores, alice: Account) -> None:
    with stores.database.transaction() as tx:
        with pytest.raises(Conflict, match=r"ALICE@example\.org already"):
            accounts.add(tx, "ALICE@example.org", PASSWORD, now())
        assert accounts.find(tx, "alice@example.org ") == alice
        with pytest.raises(NotFound, match=r"'bob@example\.org'"):
            accounts.find(tx, "bob@example.org")


def test_a_role_that_can_not_be(stores: Stores, alice: Account, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        with pytest.raises(InvalidInput, match="no role 'boss'"):
            accounts.grant(tx, alice.account_id, anna.profile_id, "boss", now())
        with pytest.raises(NotFound):
            accounts.grant(tx, alice.account_id, alice.account_id, "owner", now())


def test_the_first_account_is_founded_once(stores: Stores) -> None:
    def found(**changes: Any) -> tuple[Account, Profile]:
        wanted = {"email": "alice@example.org", "password": PASSWORD, "name": "Anna"}
        place = {"time_zone": "Europe/Berlin", "currency": "EUR", "at": now()}
        return accounts.found(stores.database, **{**wanted, **place, **changes})

    with pytest.raises(InvalidInput, match="no time zone"):
        found(time_zone="Europe/Nowhere")
    assert not accounts.any_account(stores.database)
    account, profile = found()
    caller = accounts.caller_of(stores.database, account.account_id, account.epoch)
    assert caller is not None
    assert caller.profiles(stores.database) == [profile]
    with pytest.raises(Conflict, match="sign in with it"):
        found(email="bob@example.org")


@pytest.fixture
def owner(stores: Stores, alice: Account, anna: Profile) -> Account:
    """Alice, who owns Anna's profile."""
    with stores.database.transaction() as tx:
        accounts.grant(tx, alice.account_id, anna.profile_id, "owner", now())
    return alice


def test_an_invited_stranger_gets_an_account_and_its_password_once(
    stores: Stores, owner: Account, anna: Profile
) -> None:
    with stores.database.transaction() as tx:
        member, password = accounts.invite(tx, anna.profile_id, "bob@example.org", "viewer", now())
    assert password is not None
    assert (member.email, member.role) == ("bob@example.org", "viewer")
    account = accounts.sign_in(stores, "bob@example.org", password, "192.0.2.1")
    caller = accounts.caller_of(stores.database, account.account_id, account.epoch)
    assert caller is not None
    assert caller.scopes == {anna.profile_id: {"read"}}
    with stores.database.transaction() as tx:
        assert [each.email for each in accounts.members(tx, anna.profile_id)] == [owner.email, member.email]


def test_an_invited_account_keeps_its_password(
    stores: Stores, owner: Account, anna: Profile, priya: Profile
) -> None:
    with stores.database.transaction() as tx:
        member, password = accounts.invite(tx, priya.profile_id, "ALICE@example.org", "owner", now())
        assert (member.account_id, password) == (owner.account_id, None)
        with pytest.raises(Conflict, match="a member of this profile already"):
            accounts.invite(tx, anna.profile_id, owner.email, "viewer", now())
        assert accounts.member(tx, anna.profile_id, owner.account_id).role == "owner"


def test_the_last_owner_stays(stores: Stores, owner: Account, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        with pytest.raises(Conflict, match="the last owner"):
            accounts.grant(tx, owner.account_id, anna.profile_id, "viewer", now())
        with pytest.raises(Conflict, match="the last owner"):
            accounts.revoke(tx, anna.profile_id, owner.account_id)
        bob, _ = accounts.invite(tx, anna.profile_id, "bob@example.org", "owner", now())
        assert accounts.revoke(tx, anna.profile_id, owner.account_id).email == owner.email
        assert [each.account_id for each in accounts.members(tx, anna.profile_id)] == [bob.account_id]
        with pytest.raises(NotFound, match="no member"):
            accounts.revoke(tx, anna.profile_id, owner.account_id)


def test_two_owners_can_not_remove_each_other_at_once(stores: Stores, owner: Account, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        bob, _ = accounts.invite(tx, anna.profile_id, "bob@example.org", "owner", now())

    def remove(account_id: UUID) -> None:
        with stores.database.transaction() as tx:
            accounts.revoke(tx, anna.profile_id, account_id)

    with ThreadPoolExecutor(1) as pool:
        with stores.database.transaction() as tx:
            accounts.revoke(tx, anna.profile_id, owner.account_id)
            second = pool.submit(remove, bob.account_id)
        with pytest.raises(Conflict, match="the last owner"):
            second.result()


def test_the_own_password_is_changed_by_who_knows_it(stores: Stores, alice: Account) -> None:
    changed = accounts.change_password(stores, alice.account_id, PASSWORD, "another password", "192.0.2.1")
    assert changed == replace(alice, epoch=alice.epoch + 1)
    assert accounts.sign_in(stores, alice.email, "another password", "192.0.2.1") == changed
    for old, new, pointer in ((PASSWORD, "a third password", "old"), ("another password", "x", "password")):
        with pytest.raises(InvalidInput) as refused:
            accounts.change_password(stores, alice.account_id, old, new, "192.0.2.1")
        assert refused.value.problems[0].pointer == pointer


def test_guesses_of_the_own_password_are_limited(stores: Stores, alice: Account) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            accounts.change_password(stores, alice.account_id, "a guess", "another password", "192.0.2.1")
    with pytest.raises(TooManyRequests):
        accounts.change_password(stores, alice.account_id, PASSWORD, "another password", "192.0.2.1")
