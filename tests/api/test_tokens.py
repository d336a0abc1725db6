"""Tokens that an owner made and took back."""

from flask.testing import FlaskClient

from models.clock import now
from models.stores import Stores
from services import tokens
from services.profiles import Profile
from tests.api.conftest import problem


def test_a_revoked_token_is_refused_everywhere(
    client: FlaskClient, stores: Stores, anna: Profile, charlies: Profile
) -> None:
    with stores.database.transaction() as tx:
        token, minted = tokens.make(tx, stores.keys.jwt, anna.profile_id, "Shop", ["read"], 1, now())
    header = {"Authorization": f"Bearer {minted}"}
    assert client.get(f"/api/pnl/{anna.profile_id}", headers=header).status_code == 200
    problem(client.get(f"/api/pnl/{charlies.profile_id}", headers=header), 404)
    cost = {"profileId": str(anna.profile_id), "category": "tools", "description": "Lamp", "amount": "5"}
    problem(client.post("/api/costs", json=cost | {"date": "2026-11-01"}, headers=header), 403)
    with stores.database.transaction() as tx:
        tokens.revoke(tx, anna.profile_id, token.token_id, now())
    for address in (f"/api/pnl/{anna.profile_id}", f"/api/costs/{anna.profile_id}", "/api/openapi.json"):
        told = problem(client.get(address, headers=header), 401)
        assert told["detail"] == "This token was revoked."
