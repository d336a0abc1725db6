"""What every answer tells a browser, and the cookie."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import PASSWORD, signed_in

EVERYWHERE = (
    "/", "/costs", "/nowhere", "/_dash-layout", "/_dash-dependencies", "/sign-in", "/welcome", "/api/docs",
    "/api/docs/start.js", "/api/openapi.json", "/api/nothing", "/api/costs", "/healthz", "/readyz",
    "/metrics", "/assets/base.css", "/assets/nothing.css", "/track.js",
    "/realtime", "/_dash-component-suites/nothing",
)  # fmt: skip


@pytest.fixture
def behind_https(stores: Stores, tmp_path: Path, anna: Profile) -> FlaskClient:
    """An installation behind a proxy that speaks HTTPS."""
    return create_app(Config(data_dir=tmp_path, trusted_proxies=1, cookie_secure=True), stores).test_client()


@pytest.fixture
def client(stores: Stores, tmp_path: Path, anna: Profile) -> FlaskClient:
    """Alice, signed in."""
    client = create_app(Config(data_dir=tmp_path), stores).test_client()
    signed_in(client, stores, "alice@example.org", anna, "owner")
    return client


def policy(answer: TestResponse) -> dict[str, str]:
    """Its Content-Security-Policy, by directive."""
    parts = (part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    return dict(parts)


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_is_dressed(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    other_sites = "cross-origin" if address == "/track.js" else "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == other_sites
    told = policy(answer)
    assert (told["default-src"], told["base-uri"], told["frame-ancestors"]) == ("'none'",) * 3
    assert "unsafe" not in told.get("script-src", "")
    assert "*" not in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("address", EVERYWHERE)
def test_nothing_of_a_person_is_kept(client: FlaskClient, address: str) -> None:
    public = ("/assets/", "/track.js", "/_dash-component-suites/")
    kept = client.get(address).headers.get("Cache-Control")
    assert address.startswith(public) or kept == "no-store"
    called = client.post("/_dash-update-component", json={"output": "costs-lead.children"})
    assert called.headers["Cache-Control"] == "no-store"


def test_pages_run_scripts_from_here_and_those_of_dash(client: FlaskClient) -> None:
    answer = client.get("/")
    own, *hashes = policy(answer)["script-src"].split()
    assert own == "'self'"
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", answer.text)
    assert len(hashes) >= len(inline) > 0
    assert all(each.startswith("'sha256-") for each in hashes)


def test_forms_allow_nothing_inline(client: FlaskClient) -> None:
    told = policy(client.application.test_client().get("/sign-in"))
    assert (told["script-src"], told["style-src"]) == ("'self'", "'self'")


def test_https_is_remembered(behind_https: FlaskClient) -> None:
    for address in ("/sign-in", "/api/nothing", "/assets/base.css"):
        answer = behind_https.get(address, headers={"X-Forwarded-Proto": "https"})
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in behind_https.get(address).headers


def test_only_a_trusted_proxy_says_that_it_is_https(client: FlaskClient) -> None:
    answer = client.get("/", headers={"X-Forwarded-Proto": "https", "Forwarded": "proto=https"})
    assert "Strict-Transport-Security" not in answer.headers


def test_the_cookie_is_for_the_server_alone(client: FlaskClient) -> None:
    form = {"email": "alice@example.org", "password": PASSWORD}
    name, *attributes = client.post("/sign-in", data=form).headers["Set-Cookie"].split("; ")
    assert name.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes


def test_by_https_it_is_bound_to_the_host(behind_https: FlaskClient, stores: Stores, anna: Profile) -> None:
    signed_in(behind_https, stores, "alice@example.org", anna, "owner")
    https = {"base_url": "https://localhost", "headers": {"X-Forwarded-Proto": "https"}}
    form = {"email": "alice@example.org", "password": PASSWORD}
    name, *attributes = behind_https.post("/sign-in", data=form, **https).headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Secure"} <= set(attributes)
    assert not any(each.startswith("Domain") for each in attributes)
    assert behind_https.get("/_dash-layout", **https).status_code == 200
    gone = behind_https.post("/sign-out", **https).headers["Set-Cookie"]
    assert gone.startswith("__Host-session=;")
    assert "Secure" in gone
    assert behind_https.get("/_dash-layout", **https).status_code == 401
