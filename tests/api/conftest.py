"""The app over real stores, and those who ask it: Alice owns the profile Anna, Bob may look at it,
Charlie has a profile of his own, and the platform speaks for all of them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from app import create_app
from config import Config
from models.clock import now
from models.stores import Stores
from services import accounts, costs, profiles, tokens
from services.access import SCOPES
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from tests.judge import MINISTRY, judging

PASSWORD = "correct horse battery"
Headers = dict[str, str]
Ask = Callable[..., TestResponse]


@pytest.fixture
def app(stores: Stores, tmp_path: Path) -> OpenAPI:
    """The web process, with the settings of a fresh installation."""
    return create_app(Config(data_dir=tmp_path), stores)


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    """Nobody: no cookie and no token."""
    return app.test_client()


@pytest.fixture
def charlies(stores: Stores) -> Profile:
    """Charlie's profile, in New York and in dollars."""
    with stores.database.transaction() as tx:
        return profiles.add(tx, name="Carl", time_zone="America/New_York", currency="USD", at=now())


@pytest.fixture
def alice(stores: Stores, anna: Profile) -> Headers:
    """A token with every scope for Anna."""
    return token(stores, "alice", [anna])


@pytest.fixture
def bob(stores: Stores, anna: Profile) -> Headers:
    """A token that may read Anna."""
    return token(stores, "bob", [anna], "read")


@pytest.fixture
def charlie(stores: Stores, charlies: Profile) -> Headers:
    """A token with every scope, for another profile than Anna."""
    return token(stores, "charlie", [charlies])


@pytest.fixture
def platform(stores: Stores) -> Headers:
    """A token with every scope for every profile."""
    return token(stores, "platform", None)


@pytest.fixture
def get(client: FlaskClient, alice: Headers) -> Ask:
    """Asks as Alice; `get("/api/...", period="7d")`."""

    def ask(address: str, **query: Any) -> TestResponse:
        return client.get(f"{address}?{urlencode(query)}" if query else address, headers=alice)

    return ask


@pytest.fixture
def post(client: FlaskClient, alice: Headers) -> Ask:
    """Sends JSON as Alice."""

    def send(address: str, body: Any, **headers: str) -> TestResponse:
        return client.post(address, json=body, headers={**alice, **headers})

    return send


@pytest.fixture
def a_month(stores: Stores, anna: Profile) -> None:
    """Something for every metric to count, an hour ago."""
    at = now() - timedelta(hours=1)
    who: dict[str, Any] = {"profile_id": anna.profile_id}
    seen = {**who, "timestamp": at, "ip": "192.0.2.1"}
    kinds = ("view", "view", "view", "inquiry", "click", "favorite", "share")
    crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    events.store(
        judging(stores),
        [
            *(Event(**seen, event_type=kind, duration_seconds=7.5) for kind in kinds),
            Event(**seen, event_type="view", user_agent=crawler),
            Event(**seen, event_type="view", is_owner=True),
            Event(**{**seen, "ip": MINISTRY}, event_type="click"),
        ],
        now(),
    )
    sales: tuple[dict[str, Any], ...] = (
        {"type": "gift", "amount": "33.33", "donorId": "ada", "category": "roses"},
        {"type": "gift", "amount": "10", "status": "pending"},
        {"type": "booking", "amount": "200", "partnerId": "p", "split": {"profile": "0.6", "partner": "0.4"}},
        {"type": "subscription", "amount": "20", "refundedAmount": "5", "status": "refunded"},
        {"type": "affiliate", "amount": "7.77"},
        {"type": "subscription", "amount": "12", "subscriberId": "eve"},
        {"type": "subscription", "amount": "12", "subscriberId": "bea", "date": at - timedelta(days=50)},
    )
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [Transaction(**{**who, "date": at, **sale}) for sale in sales], now())
        for index, category in enumerate(("marketing", "subscriptions", "tools", "platform_fees")):
            spent = {"category": category, "amount": f"{index + 1}.25", "date": anna.local_date(at)}
            costs.add(tx, anna, Cost(**who, **spent, description="It"), now())


def token(stores: Stores, subject: str, of: list[Profile] | None, *scopes: str) -> Headers:
    """The header of a token for these profiles, or for every one; with every scope unless some are named."""
    minted = tokens.mint(
        stores.keys.jwt,
        subject=subject,
        profiles=None if of is None else [profile.profile_id for profile in of],
        scopes=scopes or SCOPES,
        now=now(),
        days=1,
    )
    return {"Authorization": f"Bearer {minted}"}


def on_a_page(client: FlaskClient) -> FlaskClient:
    """The client as a browser that shows one of our pages, where its forms are."""
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def signed_in(client: FlaskClient, stores: Stores, email: str, profile: Profile, role: str) -> None:
    """Makes an account with this role on the profile, and signs the client in with it; from then on it
    is a browser on a page of the product."""
    on_a_page(client)
    with stores.database.transaction() as tx:
        account = accounts.add(tx, email, PASSWORD, now())
        accounts.grant(tx, account.account_id, profile.profile_id, role, now())
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text


def problem(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem of an answer, which has the form that every error has."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["status"] == status
    assert body["type"].endswith(body["code"])
    assert body["title"]
    assert body["detail"]
    assert body.keys() <= {"type", "title", "status", "detail", "code", "errors"}
    if code:
        assert body["code"] == code
    return body


def pointers(answer: TestResponse) -> list[str]:
    """Where a 422 says that something is wrong."""
    return [each["pointer"] for each in problem(answer, 422)["errors"]]
