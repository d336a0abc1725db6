"""accounts, profiles and token."""

import json
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import jwt
import pyotp
import pytest
from sqlalchemy import select

from models.clock import now
from models.schema import revoked_tokens
from models.stores import Stores
from services import accounts, profiles, second_factor
from services.ingest import events
from services.ingest.inputs import Event
from tests.commands.conftest import Ran

Run = Callable[..., Ran]


def test_an_account_is_made_from_stdin_and_signs_in(run: Run, stores: Stores) -> None:
    made = run("accounts", "add", "anna@example.com", "--password-stdin", stdin="a long password\n")
    assert made.status == 0
    account = accounts.sign_in(stores, "Anna@Example.com", "a long password", "127.0.0.1")
    assert made.out == f"{account.account_id}\n"


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("nobody", "a long password", "'nobody' is not an e-mail address."),
        ("anna@example.com", "short", "A password has 10 to 200 characters."),
    ],
)
def test_an_account_that_cannot_be_is_refused(run: Run, email: str, password: str, sentence: str) -> None:
    refused = run("accounts", "add", email, "--password-stdin", stdin=password)
    assert (refused.status, refused.out, refused.err) == (1, "", sentence + "\n")


def test_a_second_account_with_the_same_email_is_refused(run: Run, profile: str) -> None:
    again = run("accounts", "add", "ANNA@example.com", "--password-stdin", stdin="another password")
    assert again.status == 1
    assert "There is an account ANNA@example.com already." in again.err


def test_a_new_password_replaces_the_old_one(run: Run, profile: str, stores: Stores) -> None:
    assert (
        run("accounts", "passwd", "anna@example.com", "--password-stdin", stdin="something new").status == 0
    )
    assert accounts.sign_in(stores, "anna@example.com", "something new", "127.0.0.1").epoch == 1


def test_a_profile_is_listed_with_what_it_was_made_with(run: Run) -> None:
    run("accounts", "add", "anna@example.com", "--password-stdin", stdin="a long password\n")
    wanted = "0192e4a4-0000-7000-8000-000000000001"
    made = run(
        "profiles", "add", "Anna", "--owner", "anna@example.com", "--timezone", "Asia/Kolkata",
        "--currency", "inr", "--id", wanted, "--hosts", "anna.example,www.anna.example",
    )  # fmt: skip
    assert made.out == wanted + "\n"
    (listed,) = json.loads(run("profiles", "list", "--json").out)
    assert listed["id"] == wanted
    assert (listed["timezone"], listed["currency"]) == ("Asia/Kolkata", "INR")
    assert listed["hosts"] == ["anna.example", "www.anna.example"]


def test_an_edit_counts_everything_again(run: Run, profile: str, stores: Stores) -> None:
    late = datetime.fromisoformat("2026-11-10T22:00:00-05:00")
    events.store(stores, [Event(profile_id=UUID(profile), event_type="view", timestamp=late)], now())
    ran = run("profiles", "edit", profile, "--timezone", "Asia/Kolkata", "--currency", "inr", "--json")
    assert (ran.status, ran.err) == (0, "")
    edited = json.loads(ran.out)
    assert (edited["name"], edited["timezone"], edited["currency"]) == ("Anna", "Asia/Kolkata", "INR")
    with stores.database.transaction() as tx:
        assert profiles.first_day(tx, UUID(profile)) == date(2026, 11, 11)
    assert run("verify").status == 0
    named = run("profiles", "edit", profile, "--name", "Anna B", "--hosts", "anna.example,b.example")
    assert "name: Anna B\n" in named.out
    assert json.loads(run("profiles", "list", "--json").out)[0]["hosts"] == ["anna.example", "b.example"]
    assert json.loads(run("profiles", "edit", profile, "--hosts", "", "--json").out)["hosts"] == []


def test_an_edit_that_cannot_be_is_refused(run: Run, profile: str) -> None:
    refused = run("profiles", "edit", profile, "--name", "B", "--timezone", "Mars/Base")
    assert refused.status == 1
    assert "There is no time zone 'Mars/Base'" in refused.err
    assert json.loads(run("profiles", "list", "--json").out)[0]["name"] == "Anna"
    unknown = run("profiles", "edit", "0192e4a4-0000-7000-8000-000000000009", "--name", "B")
    assert (unknown.status, unknown.err) == (1, "There is no such profile.\n")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--timezone", "Mars/Base", "There is no time zone 'Mars/Base'"),
        ("--currency", "ZZZ", "There is no currency 'ZZZ'"),
        ("--owner", "bob@example.com", "There is no account 'bob@example.com'."),
        ("--hosts", "bea@anna.example", "is not a host name"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(
    run: Run, profile: str, option: str, value: str, sentence: str
) -> None:
    given = {"--owner": "anna@example.com", "--timezone": "Europe/Berlin", "--currency": "EUR"} | {
        option: value
    }
    refused = run("profiles", "add", "B", *(part for pair in given.items() for part in pair))
    assert refused.status == 1
    assert sentence in refused.err
    assert len(json.loads(run("profiles", "list", "--json").out)) == 1


def test_grant_makes_a_member(run: Run, profile: str, stores: Stores) -> None:
    run("accounts", "add", "bob@example.com", "--password-stdin", stdin="a long password\n")
    assert run("accounts", "grant", "bob@example.com", profile, "viewer").status == 0
    with stores.database.transaction() as tx:
        bob = accounts.find(tx, "bob@example.com")
    caller = accounts.caller_of(stores.database, bob.account_id, bob.epoch)
    assert caller is not None
    assert caller.may("read", UUID(profile))
    assert not caller.may("costs:write", UUID(profile))


def test_token_prints_the_jwt_alone(run: Run, profile: str) -> None:
    ran = run("token", "--profile", profile, "--scope", "read", "--scope", "events:write", "--days", "2")
    claims = jwt.decode(ran.out.strip(), options={"verify_signature": False})
    assert claims["profiles"] == [profile]
    assert claims["scope"] == "read events:write"
    assert claims["exp"] - claims["iat"] == 2 * 86_400
    assert ran.out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--profile", "nonsense", "--scope", "read"), 2, "is not a profile's id"),
        (("--scope", "read"), 2, "--profile"),
        (("--profile", "*"), 2, "--scope"),
        (("--profile", "0192e4a4-0000-7000-8000-000000000009", "--scope", "read"), 1, "no such profile"),
        (("--profile", "*", "--scope", "everything"), 1, "There is no scope 'everything'"),
        (("--profile", "*", "--scope", "read", "--days", "0"), 1, "1 to 3650 days"),
        (("--scope", "read"), 2, "--profile"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    run: Run, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    refused = run("token", *arguments)
    assert (refused.status, refused.out) == (status, "")
    assert sentence in refused.err


def test_a_token_is_revoked_by_itself_or_its_id(run: Run, profile: str, stores: Stores) -> None:
    for by_id in (False, True):
        minted = run("token", "--profile", profile, "--scope", "read").out.strip()
        number = jwt.decode(minted, options={"verify_signature": False})["jti"]
        ran = run("token", "revoke", number if by_id else minted, "--json")
        told = json.loads(ran.out)
        assert (ran.status, told["jti"]) == (0, number)
        assert told["subject"] == (None if by_id else "manage.py")
        with stores.database.transaction() as tx:
            assert tx.first(select(revoked_tokens).where(revoked_tokens.c.jti == number)) is not None
    assert run("token", "revoke", number).out == f"{number}\n"


def test_a_token_that_does_not_hold_is_not_revoked(run: Run, profile: str) -> None:
    refused = run("token", "revoke", "a.b.c")
    assert (refused.status, refused.out) == (1, "")
    assert "nothing to revoke" in refused.err


def test_a_second_step_is_turned_off(run: Run, profile: str, stores: Stores) -> None:
    with stores.database.transaction() as tx:
        anna = accounts.find(tx, "anna@example.com")
    begun = second_factor.begin(stores, anna.account_id, "a long password", "here")
    second_factor.enable(stores, anna.account_id, pyotp.TOTP(begun.key).at(now()), "here", now())
    assert run("accounts", "reset-second-factor", "anna@example.com").status == 0
    with stores.database.transaction() as tx:
        assert second_factor.status(tx, anna.account_id) is None
    assert run("accounts", "reset-second-factor", "nobody@example.com").status == 1
