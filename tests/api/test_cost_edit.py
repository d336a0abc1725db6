from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.schemas import CostShape
from models.ids import new_id
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, pointers, problem

EDITED = {"category": "tools", "description": "A camera", "amount": "99", "expenseDate": "2026-04-01"}


@pytest.fixture
def cost(post: Ask, anna: Profile) -> dict[str, Any]:
    """A stored cost of Anna, as it was answered."""
    body = {
        "profileId": str(anna.profile_id),
        "category": "marketing",
        "description": "Advertising",
        "channel": "Instagram",
        "amount": "125.00",
        "expenseDate": "2026-03-31",
    }
    added: dict[str, Any] = post("/api/costs", body).json
    return added


@pytest.fixture
def put(client: FlaskClient, alice: Headers, cost: dict[str, Any]) -> Ask:
    """Edits the cost as Alice."""

    def send(body: Any, **headers: str) -> TestResponse:
        return client.put(f"/api/costs/{cost['id']}", json=body, headers={**alice, **headers})

    return send


def test_every_field_is_replaced(put: Ask, get: Ask, cost: dict[str, Any], anna: Profile) -> None:
    answer = put(EDITED)
    assert answer.status_code == 200
    CostShape.model_validate(answer.json)
    assert answer.json == {
        **cost,
        **EDITED,
        "amount": "99.00",
        "reportingAmount": "99.00",
        "channel": None,
        "updatedAt": answer.json["updatedAt"],
        "etag": answer.json["etag"],
    }
    assert answer.json["etag"] != cost["etag"]
    assert answer.headers["ETag"] == f'"{answer.json["etag"]}"'
    assert get(f"/api/costs/{anna.profile_id}").json["costs"] == [answer.json]


def test_if_match(put: Ask, cost: dict[str, Any]) -> None:
    match = f'"{cost["etag"]}"'
    for other in ('"other"', "W/" + match, "nonsense", ""):
        problem(put(EDITED, **{"If-Match": other}), 412, "precondition-failed")
    assert put(EDITED, **{"If-Match": f'"other", {match}'}).status_code == 200
    problem(put(EDITED, **{"If-Match": match}), 412)
    assert put(EDITED, **{"If-Match": "*"}).status_code == 200


def test_it_stays_with_its_profile_and_keeps_its_id(
    put: Ask, cost: dict[str, Any], anna: Profile, charlies: Profile
) -> None:
    assert put({**EDITED, "profileId": str(anna.profile_id), "id": cost["id"]}).status_code == 200
    assert pointers(put({**EDITED, "profileId": str(charlies.profile_id)})) == ["/profileId"]
    assert pointers(put({**EDITED, "id": str(new_id())})) == ["/id"]


def test_bad_values_change_nothing(put: Ask, get: Ask, cost: dict[str, Any], anna: Profile) -> None:
    assert pointers(put({**EDITED, "amount": "1.234"})) == ["/amount"]
    assert pointers(put({**EDITED, "currency": "ZZZ"})) == ["/currency"]
    assert pointers(put({})) == ["/category", "/description", "/amount", "/expenseDate"]
    assert get(f"/api/costs/{anna.profile_id}").json["costs"] == [cost]


def test_others_costs_are_not_found(
    client: FlaskClient, charlie: Headers, platform: Headers, cost: dict[str, Any]
) -> None:
    others = client.put(f"/api/costs/{cost['id']}", json=EDITED, headers=charlie)
    nobodys = client.put(f"/api/costs/{new_id()}", json=EDITED, headers=charlie)
    assert problem(others, 404) == problem(nobodys, 404)
    assert client.put(f"/api/costs/{cost['id']}", json=EDITED, headers=platform).status_code == 200
