"""What the audit trail tells of who gets in: each in the transaction of what it tells of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from models.clock import now
from models.errors import InvalidInput, Unauthenticated
from models.outside import Outside
from models.stores import Stores
from services import accounts, audit, password_reset, second_factor, tokens
from services.accounts import Account
from services.audit import COMMAND_LINE
from services.profiles import Profile
from tests.mailbox import taking_mail

PASSWORD, NEW, HERE = "correct horse battery", "another password", "192.0.2.1"
STEP = timedelta(seconds=30)
AT = now()


@pytest.fixture
def alice(stores: Stores, anna: Profile) -> Account:
    with stores.database.transaction() as tx:
        account = accounts.add(tx, "alice@example.org", PASSWORD, AT)
        accounts.grant(tx, account.account_id, anna.profile_id, "owner", AT)
    return account


@pytest.fixture
def phone(stores: Stores, alice: Account) -> pyotp.TOTP:
    """Alice's, with her second step not yet on."""
    return pyotp.TOTP(second_factor.begin(stores, alice.account_id, PASSWORD, HERE).key)


def told(stores: Stores, profile: Profile) -> list[str]:
    """The newest first."""
    with stores.database.transaction() as tx:
        return [each.action for each in audit.listing(tx, profile.profile_id)]


def turned_on(stores: Stores, alice: Account, phone: pyotp.TOTP) -> tuple[Account, list[str]]:
    before = AT - 2 * STEP
    return second_factor.enable(stores, alice.account_id, phone.at(before), HERE, before)


def test_who_has_no_second_step_signed_in_with_the_password(
    stores: Stores, alice: Account, anna: Profile
) -> None:
    accounts.sign_in(stores, alice.email, PASSWORD, HERE)
    assert told(stores, anna) == ["signed-in"]


def test_who_has_one_signed_in_with_the_code(
    stores: Stores, alice: Account, anna: Profile, phone: pyotp.TOTP
) -> None:
    account, codes = turned_on(stores, alice, phone)
    assert told(stores, anna) == ["second-step-on"]
    accounts.sign_in(stores, alice.email, PASSWORD, HERE)
    assert told(stores, anna) == ["second-step-on"]
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, account, "not a code", HERE, AT)
    second_factor.verify(stores, account, codes[0], HERE, AT)
    assert told(stores, anna) == ["signed-in", "code-refused", "second-step-on"]


def test_codes_and_the_end_of_the_second_step(
    stores: Stores, alice: Account, anna: Profile, phone: pyotp.TOTP
) -> None:
    _, codes = turned_on(stores, alice, phone)
    for change in (
        lambda code: second_factor.renew_codes(stores, alice.account_id, code, HERE, AT),
        lambda code: second_factor.disable(stores, alice.account_id, PASSWORD, code, HERE, AT),
    ):
        with pytest.raises(InvalidInput):
            change("not a code")
    second_factor.renew_codes(stores, alice.account_id, codes[0], HERE, AT)
    second_factor.disable(stores, alice.account_id, PASSWORD, phone.at(AT), HERE, AT)
    newest = ["second-step-off", "recovery-codes-made", "code-refused", "code-refused"]
    assert told(stores, anna)[:4] == newest


def test_the_operator_is_named_and_whose_account_it_was(
    stores: Stores, alice: Account, anna: Profile, phone: pyotp.TOTP
) -> None:
    turned_on(stores, alice, phone)
    with stores.acting(COMMAND_LINE).database.transaction() as tx:
        second_factor.reset(tx, alice.account_id)
        accounts.set_password(tx, alice.account_id, NEW)
    with stores.database.transaction() as tx:
        changed, reset, _ = audit.listing(tx, anna.profile_id)
    assert (changed.action, reset.action) == ("password-changed", "second-step-reset")
    for entry in (changed, reset):
        assert (entry.actor, entry.details) == (COMMAND_LINE, {"account": alice.email})


def test_signed_out_everywhere(stores: Stores, alice: Account, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        accounts.sign_out_everywhere(tx, alice.account_id)
    assert told(stores, anna) == ["signed-out-everywhere"]


def test_a_link_for_a_new_password_is_sent_and_used(stores: Stores, alice: Account, anna: Profile) -> None:
    with taking_mail() as box:
        sending = replace(stores, outside=Outside(box.server, public_url="https://analytics.example.com"))
        for email in (alice.email, "nobody@example.org"):
            password_reset.ask(sending, email, HERE, AT)
        assert password_reset.send_due(sending, AT) == 2
    assert told(stores, anna) == ["reset-link-sent"]
    password_reset.use(sending, password_reset.link_token(stores.keys, alice, AT), NEW, HERE, AT)
    assert told(stores, anna) == ["password-reset", "reset-link-sent"]


def test_a_token_that_the_operator_revoked(stores: Stores, anna: Profile, priya: Profile) -> None:
    alices, operators = stores.acting("alice@example.org"), stores.acting(COMMAND_LINE)
    with alices.database.transaction() as tx:
        listed, _ = tokens.make(tx, stores.keys.jwt, anna.profile_id, "Shop", ["read"], 1, AT)
    key, gone = stores.keys.jwt, listed.token_id
    of_all, of_one = (
        tokens.mint(key, subject=subject, profiles=profiles, scopes=["read"], now=AT, days=1)
        for subject, profiles in (("all", None), ("one", [anna.profile_id, gone]))
    )
    for given in (str(listed.token_id), of_one, of_all, of_all, "an id that nobody knows"):
        tokens.revoke_any(operators, given, AT)
    sentences = []
    for profile in (anna, priya):
        with stores.database.transaction() as tx:
            found = audit.listing(tx, profile.profile_id)
        sentences.append([(each.actor, each.sentence) for each in found if each.action == "token-revoked"])
    assert sentences == [
        [(COMMAND_LINE, f"Revoked the token {name}") for name in ("all", "one", "Shop")],
        [(COMMAND_LINE, "Revoked the token all")],
    ]


BROKEN = """
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
create trigger refuse before insert on audit_entries for each statement execute function refuse()
"""


def test_nothing_is_done_that_can_not_be_told(
    stores: Stores, alice: Account, anna: Profile, phone: pyotp.TOTP
) -> None:
    """Each in the same transaction: while the trail takes nothing, neither does anything else happen."""
    account, codes = turned_on(stores, alice, phone)
    operators = stores.acting(COMMAND_LINE)
    link = password_reset.link_token(stores.keys, account, AT)
    token = tokens.mint(
        stores.keys.jwt, subject="x", profiles=[anna.profile_id], scopes=["read"], now=AT, days=1
    )

    def everywhere() -> None:
        with stores.database.transaction() as tx:
            accounts.sign_out_everywhere(tx, alice.account_id)

    def reset() -> None:
        with operators.database.transaction() as tx:
            second_factor.reset(tx, alice.account_id)

    attempts: list[Callable[[], object]] = [
        lambda: second_factor.verify(stores, account, codes[0], HERE, AT),
        lambda: second_factor.renew_codes(stores, alice.account_id, codes[0], HERE, AT),
        lambda: second_factor.disable(stores, alice.account_id, PASSWORD, codes[0], HERE, AT),
        lambda: password_reset.use(stores, link, NEW, HERE, AT),
        lambda: tokens.revoke_any(operators, token, AT),
        everywhere,
        reset,
    ]
    with stores.database.transaction() as tx:
        tx.run(text(BROKEN))
    for attempt in attempts:
        with pytest.raises(Exception, match="full"):
            attempt()
    with stores.database.transaction() as tx:
        tx.run(text("drop trigger refuse on audit_entries; drop function refuse"))
        assert second_factor.status(tx, alice.account_id) == second_factor.Status(AT - 2 * STEP, 10)
        assert accounts.get(tx, alice.account_id) == account
    tokens.caller_of(stores, token)
    second_factor.verify(stores, account, codes[0], HERE, AT)
