import pytest
from flask.testing import FlaskClient

from models.ids import new_id
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, problem


@pytest.fixture
def cost(post: Ask, anna: Profile) -> dict[str, str]:
    """A stored cost of Anna, as it was answered."""
    body = {"category": "tools", "description": "A lamp", "amount": "20", "expenseDate": "2026-03-31"}
    added: dict[str, str] = post("/api/costs", {"profileId": str(anna.profile_id), **body}).json
    return added


def test_it_is_gone(
    client: FlaskClient, alice: Headers, get: Ask, anna: Profile, cost: dict[str, str]
) -> None:
    answer = client.delete(f"/api/costs/{cost['id']}", headers=alice)
    assert (answer.status_code, answer.data) == (204, b"")
    assert get(f"/api/costs/{anna.profile_id}").json["costs"] == []
    problem(client.delete(f"/api/costs/{cost['id']}", headers=alice), 404)


def test_if_match(client: FlaskClient, alice: Headers, cost: dict[str, str]) -> None:
    address, match = f"/api/costs/{cost['id']}", f'"{cost["etag"]}"'
    problem(client.delete(address, headers={**alice, "If-Match": '"other"'}), 412)
    assert client.delete(address, headers={**alice, "If-Match": match}).status_code == 204


def test_others_costs_are_not_found(client: FlaskClient, charlie: Headers, cost: dict[str, str]) -> None:
    others = client.delete(f"/api/costs/{cost['id']}", headers=charlie)
    nobodys = client.delete(f"/api/costs/{new_id()}", headers=charlie)
    assert problem(others, 404) == problem(nobodys, 404)
