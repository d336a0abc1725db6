"""Every call of the API is measured, under the template of its route."""

from collections import Counter

from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from models.schema import api_request_metrics
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Ask


def test_calls_by_their_template(
    app: OpenAPI, client: FlaskClient, get: Ask, post: Ask, stores: Stores, anna: Profile
) -> None:
    get(f"/api/pnl/{anna.profile_id}")
    get(f"/api/pnl/{anna.profile_id}", period="nonsense")
    client.get(f"/api/pnl/{anna.profile_id}")
    get("/api/no/such/thing")
    client.open("/api/no/such/thing", method="PROPFIND")
    post("/api/costs", {})
    client.get("/healthz")
    client.get("/sign-in")
    app.extensions["request_metrics"].close()
    while True:  # a batch may be on its way
        with stores.database.transaction() as tx:
            rows = tx.rows(select(api_request_metrics))
        if len(rows) == 6:
            break
    told = Counter((row["endpoint"], row["method"], row["status_code"]) for row in rows)
    assert told == {
        ("/api/pnl/<uuid:profileId>", "GET", 200): 1,
        ("/api/pnl/<uuid:profileId>", "GET", 422): 1,
        ("/api/pnl/<uuid:profileId>", "GET", 401): 1,
        ("unknown", "GET", 404): 1,
        ("unknown", "other", 404): 1,
        ("/api/costs", "POST", 422): 1,
    }
    assert all(row["response_time_ms"] > 0 and row["weight"] == 1 for row in rows)
