"""The web process as a whole: what stands beside the API and the pages."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.clock import now
from models.errors import CannotStart
from models.stores import Stores
from services import accounts


@pytest.fixture
def client(stores: Stores, tmp_path: Path) -> FlaskClient:
    return create_app(Config(data_dir=tmp_path), stores).test_client()


def test_it_tells_that_it_lives_and_can_work(client: FlaskClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"postgresql": "ok", "redis": "ok"})


def test_a_stranger_is_sent_to_the_first_steps_while_nobody_has_an_account(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/welcome")


def test_the_calls_behind_the_pages_are_closed_to_strangers(client: FlaskClient) -> None:
    for address in ("/_dash-layout", "/_dash-dependencies"):
        assert client.get(address).status_code == 401
    assert client.post("/_dash-update-component", json={}).status_code == 401


def test_no_callback_stands_in_for_another(client: FlaskClient, stores: Stores) -> None:
    """Dash calls those without outputs by their inputs, and would answer two alike with one of them."""
    with stores.database.transaction() as tx:
        accounts.add(tx, "alice@example.org", "a long password", now())
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.post("/sign-in", data={"email": "alice@example.org", "password": "a long password"})
    known = [each["output"] for each in client.get("/_dash-dependencies").json]
    assert len(known) > 20
    assert sorted(set(known)) == sorted(known)


def test_two_apps_in_one_process_answer_alike(stores: Stores, tmp_path: Path) -> None:
    routes = []
    for _ in range(2):
        app = create_app(Config(data_dir=tmp_path), stores)
        routes.append({(rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()})
        assert app.test_client().get("/api/openapi.json").status_code == 200
    assert routes[0] == routes[1]


def test_the_session_cookie_is_for_the_server_alone(stores: Stores, tmp_path: Path) -> None:
    app = create_app(Config(data_dir=tmp_path, cookie_secure=True), stores)
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["SESSION_COOKIE_SECURE"]


def test_it_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="DATABASE_URL and REDIS_URL"):
        create_app(Config(data_dir=tmp_path))
