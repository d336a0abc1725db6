"""A browser's cookie at the API."""

import pytest
from flask.testing import FlaskClient

from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Headers, problem, signed_in

EVENT = "/api/profile-analytics/event"


@pytest.fixture
def browser(client: FlaskClient, stores: Stores, anna: Profile) -> FlaskClient:
    """Alice's browser, signed in."""
    signed_in(client, stores, "alice@example.org", anna, "owner")
    return client


def test_a_cookie_reads_and_writes(browser: FlaskClient, anna: Profile) -> None:
    assert browser.get(f"/api/pnl/{anna.profile_id}").status_code == 200
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    assert browser.post(EVENT, json=body).status_code == 201
    assert browser.post(EVENT, json=body, headers={"Origin": "http://localhost"}).status_code == 201


def test_an_answer_brings_no_cookie_back(browser: FlaskClient, anna: Profile) -> None:
    """One that is on its way while somebody signs out would sign them in again."""
    answer = browser.get(f"/api/pnl/{anna.profile_id}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_another_site_can_not_write_with_it(browser: FlaskClient, anna: Profile) -> None:
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    for origin in (
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://localhost:81",
        "http://[",
    ):
        problem(browser.post(EVENT, json=body, headers={"Origin": origin}), 403)
    assert browser.get(f"/api/profile-analytics/{anna.profile_id}/overview").json["views"] == 0


def test_a_token_goes_before_the_cookie(browser: FlaskClient, anna: Profile, charlie: Headers) -> None:
    problem(browser.get(f"/api/pnl/{anna.profile_id}", headers=charlie), 404)
    broken = {"Authorization": "Bearer x"}
    problem(browser.get(f"/api/pnl/{anna.profile_id}", headers=broken), 401)


def test_signing_out_ends_it(browser: FlaskClient, anna: Profile) -> None:
    browser.post("/sign-out")
    problem(browser.get(f"/api/pnl/{anna.profile_id}"), 401)


def test_a_forged_cookie_is_nobodys(client: FlaskClient, anna: Profile) -> None:
    client.set_cookie("session", "eyJhY2NvdW50IjoiMSJ9.aaaa.bbbb")
    problem(client.get(f"/api/pnl/{anna.profile_id}"), 401)
