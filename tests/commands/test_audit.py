"""audit: what the command line does stands in the trail, and whether that is as it was written."""

import json
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from models.stores import Stores
from services import accounts
from tests.commands.conftest import Ran

Run = Callable[..., Ran]


def test_what_the_command_line_does_is_told(run: Run, profile: str) -> None:
    run("accounts", "passwd", "anna@example.com", "--password-stdin", stdin="something new")
    run("accounts", "add", "bob@example.com", "--password-stdin", stdin="a long password\n")
    run("accounts", "grant", "bob@example.com", profile, "viewer")
    run("profiles", "edit", profile, "--name", "Anna B")
    run("token", "--profile", profile, "--scope", "read", "--subject", "nightly")
    listed = json.loads(run("audit", "list", profile, "--json").out)
    assert [each["action"] for each in listed] == [
        "token-made", "profile-changed", "member-added", "password-changed", "member-added",
    ]  # fmt: skip
    assert {each["actor"] for each in listed} == {"command line"}
    assert listed[0]["sentence"] == "Made the token nightly"
    assert len(run("audit", "list", profile, "--last", "2").out.splitlines()) == 2


def test_verify_names_what_is_not_as_it_was_written(run: Run, profile: str, stores: Stores) -> None:
    run("profiles", "edit", profile, "--name", "Anna B")
    whole = run("audit", "verify", "--json")
    (told,) = json.loads(whole.out)
    assert (whole.status, told["entries"], told["problem"]) == (0, 2, "")
    with stores.database.transaction() as tx:
        tx.run(text("update audit_entries set actor = 'somebody else' where number = 1"))
    broken = run("audit", "verify", "--profile", profile)
    assert broken.status == 1
    assert "The entry 1 is not as it was written." in broken.out


def test_an_operator_is_made_and_unmade(run: Run, profile: str, stores: Stores) -> None:
    def is_operator() -> bool:
        with stores.database.transaction() as tx:
            account = accounts.find(tx, "anna@example.com")
        caller = accounts.caller_of(stores.database, account.account_id, account.epoch)
        assert caller is not None
        assert UUID(profile) in caller.scopes
        return caller.is_operator

    assert not is_operator()
    assert run("accounts", "operator", "anna@example.com", "on").status == 0
    assert is_operator()
    assert run("accounts", "operator", "anna@example.com", "off").status == 0
    assert not is_operator()
    assert run("accounts", "operator", "nobody@example.com", "on").status == 1
