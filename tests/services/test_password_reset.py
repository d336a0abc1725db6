"""A new password by a link."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select

from models.clock import now
from models.errors import InvalidInput, NotFound, TooManyRequests
from models.outside import MailServer, Outside
from models.schema import reset_requests
from models.stores import Stores
from services import accounts, password_reset
from services.accounts import Account
from tests.mailbox import MailBox, taking_mail

PASSWORD, HERE = "correct horse battery", "192.0.2.1"
AT = now()


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    with taking_mail() as box:
        yield box


@pytest.fixture
def sending(stores: Stores, mail_box: MailBox) -> Stores:
    """Stores of an installation that mails and knows its address."""
    return replace(stores, outside=Outside(mail_box.server, public_url="https://analytics.example.com"))


@pytest.fixture
def alice(stores: Stores) -> Account:
    with stores.database.transaction() as tx:
        return accounts.add(tx, "Alice@example.org", PASSWORD, AT)


def waiting(stores: Stores) -> list[str]:
    with stores.database.transaction() as tx:
        return [row["email"] for row in tx.rows(select(reset_requests).order_by("email"))]


def test_whoever_asks_is_written_down_alike(sending: Stores, alice: Account) -> None:
    for email in ("ALICE@example.org", "nobody@example.org"):
        password_reset.ask(sending, email, HERE, AT)
    assert waiting(sending) == ["alice@example.org", "nobody@example.org"]
    with pytest.raises(InvalidInput):
        password_reset.ask(sending, "no address", HERE, AT)


def test_the_link_goes_to_the_accounts_own_address_once(
    sending: Stores, alice: Account, mail_box: MailBox
) -> None:
    for email in (alice.email, "nobody@example.org", alice.email):
        password_reset.ask(sending, email, HERE, AT)
    assert password_reset.send_due(sending, AT) == 2
    assert password_reset.send_due(sending, AT) == 0
    assert waiting(sending) == []
    ((to, mail),) = mail_box.mails
    assert to == "Alice@example.org"
    link = re.search(r"https://analytics\.example\.com/sign-in/reset\?token=(\S+)", mail)
    assert link is not None
    changed = password_reset.use(sending, link[1], "another password", HERE, AT)
    assert changed.epoch == alice.epoch + 1
    assert accounts.caller_of(sending.database, alice.account_id, alice.epoch) is None
    assert accounts.sign_in(sending, alice.email, "another password", HERE) == changed
    with pytest.raises(NotFound, match="holds no more"):
        password_reset.use(sending, link[1], "a third password", HERE, AT)


def test_a_link_holds_for_an_hour(sending: Stores, alice: Account) -> None:
    token = password_reset.link_token(sending.keys, alice, AT)
    password_reset.check(sending, token, AT + timedelta(minutes=59))
    with pytest.raises(NotFound):
        password_reset.check(sending, token, AT + timedelta(minutes=60))


def test_a_link_ends_with_the_sessions(sending: Stores, alice: Account) -> None:
    token = password_reset.link_token(sending.keys, alice, AT)
    with sending.database.transaction() as tx:
        accounts.set_password(tx, alice.account_id, "another password")
    with pytest.raises(NotFound):
        password_reset.use(sending, token, "a third password", HERE, AT)


def test_a_password_that_can_not_be_leaves_the_link(sending: Stores, alice: Account) -> None:
    token = password_reset.link_token(sending.keys, alice, AT)
    with pytest.raises(InvalidInput) as refused:
        password_reset.use(sending, token, "short", HERE, AT)
    assert refused.value.problems[0].pointer == "password"
    password_reset.use(sending, token, "another password", HERE, AT)


def test_of_two_who_use_a_link_at_once_one_does(sending: Stores, alice: Account) -> None:
    token = password_reset.link_token(sending.keys, alice, AT)

    def use(number: int) -> bool:
        try:
            password_reset.use(sending, token, f"password number {number}", HERE, AT)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(use, range(3))) == [False, False, True]


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1] + "AB"[token[-1] == "A"], lambda _: "", lambda _: "\ud800"]
)
def test_a_link_that_is_not_ours(sending: Stores, alice: Account, change) -> None:
    token = password_reset.link_token(sending.keys, alice, AT)
    with pytest.raises(NotFound):
        password_reset.check(sending, change(token), AT)


def test_requests_are_limited_by_account_whether_there_is_one(sending: Stores, alice: Account) -> None:
    for email in (alice.email, "nobody@example.org"):
        for number in range(3):
            password_reset.ask(sending, email, f"192.0.2.{number}", AT)
        with pytest.raises(TooManyRequests):
            password_reset.ask(sending, email, "192.0.2.9", AT)


def test_requests_are_limited_by_address(sending: Stores) -> None:
    for number in range(20):
        password_reset.ask(sending, f"a{number}@example.org", HERE, AT)
    with pytest.raises(TooManyRequests):
        password_reset.ask(sending, "b@example.org", HERE, AT)


def test_what_could_not_be_sent_is_tried_again_and_given_up(stores: Stores, alice: Account) -> None:
    nowhere = MailServer("127.0.0.1", 1, "none", "a@example.com")
    away = replace(stores, outside=Outside(nowhere, public_url="https://analytics.example.com"))
    password_reset.ask(away, alice.email, HERE, AT)
    tried = [password_reset.send_due(away, AT + each * timedelta(minutes=2)) for each in range(7)]
    assert tried == [1, 1, 1, 1, 1, 0, 0]
    assert waiting(away) == []


def test_the_worker_sends_until_it_is_told_to_stop(
    sending: Stores, alice: Account, mail_box: MailBox
) -> None:
    password_reset.ask(sending, alice.email, HERE, now())
    stopping = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(password_reset.run, sending, stopping)
        assert mail_box.took.wait(20)
        stopping.set()
        running.result(10)


def test_links_need_a_mail_server_and_an_address(stores: Stores, mail_box: MailBox) -> None:
    for outside in (Outside(), Outside(mail_box.server), Outside(public_url="https://a.example")):
        assert not password_reset.possible(replace(stores, outside=outside))
    assert password_reset.possible(
        replace(stores, outside=Outside(mail_box.server, public_url="https://a.example"))
    )
