"""Whose is it? Every route below /api, asked by everyone. A route without a rule here fails."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from models.clock import now
from models.stores import Stores
from services import costs
from services.alerts import inbox
from services.ingest import events
from services.ingest.inputs import Cost, Event
from services.profiles import Profile
from services.rights import shelf
from tests.api.conftest import Headers, problem, signed_in
from tests.judge import MINISTRY, judging

PUBLIC = ("api.documentation.", "api.track.")


@dataclass(frozen=True)
class Rule:
    """What Alice, Bob, Charlie and nobody are answered; `body` is sent where a route takes one."""

    alice: int
    bob: int
    charlie: int
    nobody: int = 401
    body: dict[str, Any] | None = None


READ = Rule(200, 200, 404)
OWNERS = Rule(200, 403, 404)
COST = {"category": "tools", "description": "A lamp", "amount": "20", "expenseDate": "2026-11-01"}
SALE = {"transactionType": "gift", "amount": "20", "transactionDate": "2026-11-01"}
PLATFORMS_OWN = {"name": "Dora", "timezone": "Europe/Paris", "currency": "EUR"}
RULES = {
    "api.audit.listing": OWNERS,
    "api.audit.export": OWNERS,
    "api.profile-analytics.overview": READ,
    "api.profile-analytics.timeseries": READ,
    "api.profile-analytics.event": Rule(201, 403, 404, body={"profileId": "", "eventType": "view"}),
    "api.gift-analytics.summary": READ,
    "api.gift-analytics.by_category": READ,
    "api.gift-analytics.donor_page": READ,
    "api.gift-analytics.export_donors": READ,
    "api.revenue.summary": READ,
    "api.revenue.timeseries": READ,
    "api.revenue.movements": READ,
    "api.revenue.export_movements": READ,
    "api.costs.summary": READ,
    "api.costs.entries": READ,
    "api.costs.add": Rule(201, 403, 404, body={"profileId": "", **COST}),
    "api.costs.edit": Rule(200, 403, 404, body=COST),
    "api.costs.remove": Rule(204, 403, 404),
    "api.pnl.profit_and_loss": READ,
    "api.pnl.export": READ,
    "api.costs.export": READ,
    "api.costs.export_entries": READ,
    "api.gift-analytics.export": READ,
    "api.profile-analytics.export": READ,
    "api.revenue.export": READ,
    "api.duo-referrals.summary": READ,
    "api.duo-referrals.export": READ,
    "api.duo-referrals.export_partners": READ,
    "api.transactions.record": Rule(201, 403, 404, body={"profileId": "", **SALE}),
    "api.gov-detection.check_ip": Rule(200, 200, 200, body={"ip": "156.33.195.33"}),
    "api.profiles.add": Rule(403, 403, 403, body=PLATFORMS_OWN),
    "api.profiles.show": READ,
    "api.profiles.export": Rule(200, 403, 404),
    "api.profiles.edit": Rule(200, 403, 404, body={"name": "Anna B"}),
    "api.gov-alerts.listing": READ,
    "api.gov-alerts.acknowledge": Rule(200, 403, 404, body={"alertIds": []}),
    "api.gov-alerts.mute": Rule(200, 403, 404, body={"alertId": ""}),
    "api.gov-alerts.unmute": Rule(200, 403, 404, body={"alertId": ""}),
}
LAST = ("api.costs.remove", "api.gov-alerts.unmute")


@pytest.fixture
def cost(stores: Stores, anna: Profile) -> str:
    """The id of a cost of Anna."""
    with stores.database.transaction() as tx:
        return str(costs.add(tx, anna, Cost(profile_id=anna.profile_id, **COST), now()).cost_id)


@pytest.fixture
def alert(stores: Stores, anna: Profile) -> str:
    """The id of an alert of Anna."""
    visit = Event(profile_id=anna.profile_id, event_type="view", ip=MINISTRY)
    events.store(judging(stores), [visit], now())
    with stores.database.transaction() as tx:
        return str(inbox.listing(tx, anna.profile_id)[0].alert_id)


@pytest.fixture(autouse=True)
def archive(stores: Stores, anna: Profile) -> None:
    """An export of Anna that waits to be fetched."""
    with shelf.placing(stores, anna.profile_id) as file:
        file.write(b"Anna")


def test_every_route_has_a_rule(app: OpenAPI) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api")}
    assert {route for route in routes if not route.startswith(PUBLIC)} == RULES.keys()


def test_by_token(
    app: OpenAPI, alice: Headers, bob: Headers, charlie: Headers, anna: Profile, cost: str, alert: str
) -> None:
    client = app.test_client()
    for who, headers in (("nobody", {}), ("charlie", charlie), ("bob", bob), ("alice", alice)):
        ask_everything(app, client, who, headers, anna, cost, alert)


def test_by_cookie(
    app: OpenAPI, stores: Stores, anna: Profile, charlies: Profile, cost: str, alert: str
) -> None:
    people = (("charlie", charlies, "owner"), ("bob", anna, "viewer"), ("alice", anna, "owner"))
    for who, profile, role in people:
        client = app.test_client()
        signed_in(client, stores, f"{who}@example.org", profile, role)
        ask_everything(app, client, who, {}, anna, cost, alert)


def ask_everything(
    app: OpenAPI, client: FlaskClient, who: str, headers: Headers, anna: Profile, cost: str, alert: str
) -> None:
    """Asks every route about Anna. Deleting comes last, so that there is something to change before."""
    for route in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint in LAST):
        rule = RULES.get(route.endpoint)
        if rule is None:
            continue
        thing = cost if route.endpoint in {"api.costs.edit", "api.costs.remove"} else str(anna.profile_id)
        address = route.rule.replace("<uuid:profileId>", thing).replace("<uuid:id>", thing)
        known = {"profileId": thing, "alertId": alert}
        body = rule.body and {name: known.get(name, value) for name, value in rule.body.items()}
        for method in route.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(address, method=method, json=body, headers=headers)
            expected = getattr(rule, who)
            assert answer.status_code == expected, (who, method, address, answer.text)
            if expected >= 400:
                problem(answer, expected)
                assert "Anna" not in answer.text
