"""Signing in with a second step, by the forms alone."""

from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

import session
from models.clock import now
from models.stores import Stores
from services import accounts, second_factor
from services.accounts import Account
from services.profiles import Profile
from tests.api.conftest import PASSWORD, on_a_page, problem

EMAIL = "alice@example.org"


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    return on_a_page(client)


@pytest.fixture
def alice(stores: Stores, anna: Profile) -> tuple[Account, list[str], pyotp.TOTP]:
    """Alice, whose second step is on, with her recovery codes and her phone."""
    with stores.database.transaction() as tx:
        account = accounts.add(tx, EMAIL, PASSWORD, now())
        accounts.grant(tx, account.account_id, anna.profile_id, "owner", now())
    begun = second_factor.begin(stores, account.account_id, PASSWORD, "192.0.2.1")
    phone, before = pyotp.TOTP(begun.key), now() - timedelta(minutes=2)
    account, codes = second_factor.enable(stores, account.account_id, phone.at(before), "192.0.2.1", before)
    return account, codes, phone


def first_step(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/gifts?period=7d"})
    assert (answer.status_code, answer.location) == (302, "/sign-in/code?next=%2Fgifts%3Fperiod%3D7d")


def test_the_password_alone_opens_nothing(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP], anna: Profile
) -> None:
    first_step(client)
    problem(client.get(f"/api/pnl/{anna.profile_id}"), 401)
    assert client.get("/").status_code == 302
    assert client.post("/_dash-update-component", json={}).status_code == 401
    assert client.get("/sign-in/code?next=//evil.example").status_code == 200


def test_the_code_signs_in_and_leads_on(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP], anna: Profile
) -> None:
    first_step(client)
    wrong = client.post("/sign-in/code", data={"code": "not it", "next": "/gifts?period=7d"})
    assert wrong.status_code == 401
    assert "does not hold" in wrong.text
    answer = client.post("/sign-in/code", data={"code": alice[2].at(now()), "next": "/gifts?period=7d"})
    assert (answer.status_code, answer.location) == (302, "/gifts?period=7d")
    assert client.get(f"/api/pnl/{anna.profile_id}").status_code == 200


def test_a_recovery_code_stands_in_and_leads_nowhere_else(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP]
) -> None:
    first_step(client)
    answer = client.post("/sign-in/code", data={"code": alice[1][0], "next": "https://evil.example/"})
    assert (answer.status_code, answer.location) == (302, "/")


def test_without_the_first_step_there_is_no_second(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP]
) -> None:
    assert client.get("/sign-in/code").location == "/sign-in"
    assert client.post("/sign-in/code", data={"code": alice[1][0]}).location == "/sign-in"


def test_the_first_step_holds_for_minutes_and_for_one_epoch(
    client: FlaskClient, stores: Stores, alice: tuple[Account, list[str], pyotp.TOTP]
) -> None:
    first_step(client)
    with client.session_transaction() as cookie:
        left = cookie["awaits"]["until"] - now().timestamp()
        assert 0 < left <= session.CODE_WITHIN.total_seconds()
        cookie["awaits"] = {**cookie["awaits"], "until": now().timestamp() - 1}
    assert client.post("/sign-in/code", data={"code": alice[1][0]}).location == "/sign-in"
    first_step(client)
    with stores.database.transaction() as tx:
        accounts.sign_out_everywhere(tx, alice[0].account_id)
    assert client.post("/sign-in/code", data={"code": alice[1][0]}).location == "/sign-in"


def test_another_site_can_not_send_the_code(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP]
) -> None:
    first_step(client)
    headers = {"Origin": "https://evil.example"}
    assert client.post("/sign-in/code", data={"code": alice[1][0]}, headers=headers).status_code == 403


def test_too_many_guesses_are_told_to_wait(
    client: FlaskClient, alice: tuple[Account, list[str], pyotp.TOTP]
) -> None:
    first_step(client)
    statuses = [client.post("/sign-in/code", data={"code": "0"}).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
