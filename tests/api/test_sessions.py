"""A browser's cookie at the API."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import PASSWORD, Headers, problem, signed_in

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


OURS = (
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Referer": "http://localhost/costs?period=7d"},
)
NOT_OURS = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null", "Referer": "http://localhost/"},
    {"Origin": "http://localhost.evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://["},
    {"Origin": "file://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Referer": "https://evil.example/http://localhost/"},
    {"Referer": "http://localhost@evil.example/"},
)


@pytest.mark.parametrize("headers", OURS)
def test_a_page_of_ours_writes_with_it(browser: FlaskClient, anna: Profile, headers: Headers) -> None:
    del browser.environ_base["HTTP_SEC_FETCH_SITE"]
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    assert browser.post(EVENT, json=body, headers=headers).status_code == 201
    assert browser.post("/_dash-update-component", json={}, headers=headers).status_code not in (401, 403)


@pytest.mark.parametrize("headers", NOT_OURS)
def test_another_site_can_not_write_with_it(browser: FlaskClient, anna: Profile, headers: Headers) -> None:
    del browser.environ_base["HTTP_SEC_FETCH_SITE"]
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    problem(browser.post(EVENT, json=body, headers=headers), 403)
    assert browser.post("/_dash-update-component", json={}, headers=headers).status_code == 403
    browser.post("/sign-out", headers=headers)
    assert browser.get(f"/api/profile-analytics/{anna.profile_id}/overview").json["views"] == 0


@pytest.mark.parametrize("headers", NOT_OURS)
def test_another_site_can_not_sign_anybody_in(browser: FlaskClient, headers: Headers) -> None:
    """Into an account of its own, to be told there what was meant for one's own."""
    stranger = browser.application.test_client()
    form = {"email": "alice@example.org", "password": PASSWORD}
    answer = stranger.post("/sign-in", data=form, headers=headers)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    # While there are accounts it does nothing for anybody.
    assert stranger.post("/welcome", data=form, headers=headers).location == "/sign-in"


def test_a_page_without_encryption_speaks_for_none_with_it(
    stores: Stores, tmp_path: Path, anna: Profile
) -> None:
    app = create_app(Config(data_dir=tmp_path, trusted_proxies=1), stores)
    client = app.test_client()
    signed_in(client, stores, "alice@example.org", anna, "owner")
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "figures.example"}
    for origin, status in (
        ("https://figures.example", 201),
        ("http://figures.example", 403),
        ("https://localhost", 403),
    ):
        asked = {**proxy, "Origin": origin, "Host": "localhost"}
        assert client.post(EVENT, json=body, headers=asked).status_code == status, origin
    # What a client itself says of hosts counts for nothing.
    spoofed = {"X-Forwarded-Host": "evil.example, figures.example", "Origin": "https://evil.example"}
    problem(client.post(EVENT, json=body, headers={**proxy, **spoofed}), 403)


def test_a_token_goes_before_the_cookie(browser: FlaskClient, anna: Profile, charlie: Headers) -> None:
    problem(browser.get(f"/api/pnl/{anna.profile_id}", headers=charlie), 404)
    broken = {"Authorization": "Bearer x"}
    problem(browser.get(f"/api/pnl/{anna.profile_id}", headers=broken), 401)


def test_signing_out_ends_it(browser: FlaskClient, anna: Profile) -> None:
    browser.post("/sign-out")
    problem(browser.get(f"/api/pnl/{anna.profile_id}"), 401)


def test_signing_out_everywhere_ends_a_copied_cookie(browser: FlaskClient, anna: Profile) -> None:
    copied = browser.get_cookie("session")
    evil = {"Origin": "https://evil.example"}
    browser.post("/sign-out", data={"everywhere": "yes"}, headers=evil)
    assert browser.get(f"/api/pnl/{anna.profile_id}").status_code == 200
    gone = browser.post("/sign-out", data={"everywhere": "yes"})
    assert (gone.status_code, gone.location) == (302, "/sign-in")
    browser.set_cookie("session", copied.value)
    problem(browser.get(f"/api/pnl/{anna.profile_id}"), 401)
    # Whoever is signed out already does no harm by asking.
    assert browser.post("/sign-out", data={"everywhere": "yes"}).status_code in (302, 401)


def test_a_forged_cookie_is_nobodys(client: FlaskClient, anna: Profile) -> None:
    client.set_cookie("session", "eyJhY2NvdW50IjoiMSJ9.aaaa.bbbb")
    problem(client.get(f"/api/pnl/{anna.profile_id}"), 401)


@pytest.mark.parametrize(
    "onward",
    ("//evil.example", "/\\evil.example", "/\t/evil.example", "/\r\nSet-Cookie: a=b", "https://evil.example",
     "https:evil.example", "javascript:alert(1)", "///evil.example", "%2f%2fevil.example",
     "/%0d/evil\r\n", "evil.example", "\\\\evil.example", " //evil.example", ""),
)  # fmt: skip
def test_signing_in_leads_nowhere_else(browser: FlaskClient, onward: str) -> None:
    form = {"email": "alice@example.org", "password": PASSWORD, "next": onward}
    answer = browser.post("/sign-in", data=form)
    assert (answer.status_code, answer.location) == (302, "/")
