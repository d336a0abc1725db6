"""A forgotten password, by the forms alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.clock import now
from models.outside import Outside
from models.stores import Stores
from services import accounts, password_reset, second_factor
from services.accounts import Account
from tests.api.conftest import PASSWORD, on_a_page
from tests.mailbox import MailBox, taking_mail

EMAIL = "alice@example.org"


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    with taking_mail() as box:
        yield box


@pytest.fixture
def sending(stores: Stores, mail_box: MailBox) -> Stores:
    return replace(stores, outside=Outside(mail_box.server, public_url="https://analytics.example.com"))


@pytest.fixture
def browser(sending: Stores, tmp_path: Path) -> FlaskClient:
    return on_a_page(create_app(Config(data_dir=tmp_path), sending).test_client())


@pytest.fixture
def alice(stores: Stores) -> Account:
    with stores.database.transaction() as tx:
        return accounts.add(tx, EMAIL, PASSWORD, now())


def test_without_mail_the_page_says_what_to_do(client: FlaskClient, alice: Account) -> None:
    assert "/sign-in/forgotten" in client.get("/sign-in").text
    for answer in (
        client.get("/sign-in/forgotten"),
        on_a_page(client).post("/sign-in/forgotten", data={"email": EMAIL}),
    ):
        assert answer.status_code == 200
        assert "manage.py accounts passwd EMAIL" in answer.text
        assert "<form" not in answer.text


def test_the_answer_is_the_same_for_everybody(browser: FlaskClient, alice: Account) -> None:
    answers = {
        browser.post("/sign-in/forgotten", data={"email": email}).text
        for email in (EMAIL, "nobody@example.org")
    }
    assert len(answers) == 1
    assert "If there is an account" in answers.pop()


def test_the_link_leads_to_the_configured_address_whatever_the_host_header_says(
    browser: FlaskClient, sending: Stores, alice: Account, mail_box: MailBox
) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert browser.post("/sign-in/forgotten", data={"email": EMAIL}, headers=headers).status_code == 200
    password_reset.send_due(sending, now())
    ((_, mail),) = mail_box.mails
    assert "https://analytics.example.com/sign-in/reset?token=" in mail
    assert "evil" not in mail


def test_a_link_sets_the_password_and_still_asks_for_the_second_step(
    browser: FlaskClient, sending: Stores, alice: Account
) -> None:
    begun = second_factor.begin(sending, alice.account_id, PASSWORD, "here")
    code = pyotp.TOTP(begun.key).at(now())
    alice, _ = second_factor.enable(sending, alice.account_id, code, "here", now())
    token = password_reset.link_token(sending.keys, alice, now())
    form = browser.get(f"/sign-in/reset?token={token}")
    assert form.status_code == 200
    assert token in form.text
    weak = browser.post("/sign-in/reset", data={"token": token, "password": "short"})
    assert weak.status_code == 422
    answer = browser.post("/sign-in/reset", data={"token": token, "password": "another password"})
    assert (answer.status_code, answer.location) == (302, "/sign-in?changed")
    assert "Your new password is set." in browser.get("/sign-in?changed").text
    assert browser.get("/").status_code == 302
    answer = browser.post("/sign-in", data={"email": EMAIL, "password": "another password"})
    assert answer.location == "/sign-in/code"
    again = browser.post("/sign-in/reset", data={"token": token, "password": "a third password"})
    assert again.status_code == 404
    assert "holds no more" in again.text


def test_another_site_can_not_send_the_forms(browser: FlaskClient, sending: Stores, alice: Account) -> None:
    token = password_reset.link_token(sending.keys, alice, now())
    headers = {"Origin": "https://evil.example"}
    for path, data in (
        ("forgotten", {"email": EMAIL}),
        ("reset", {"token": token, "password": "another one"}),
    ):
        assert browser.post(f"/sign-in/{path}", data=data, headers=headers).status_code == 403
    assert accounts.sign_in(sending, EMAIL, PASSWORD, "here") == alice


def test_a_link_that_is_not_ours_is_none(browser: FlaskClient, alice: Account) -> None:
    for token in ("", "x", "a.b.c"):
        assert browser.get(f"/sign-in/reset?token={token}").status_code == 404
