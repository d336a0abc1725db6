"""POST /api/gov-detection/check-ip."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from app import create_app
from config import Config
from models.clock import now
from models.stores import Stores
from services import tokens
from services.profiles import Profile
from tests.api.conftest import Ask, Headers, pointers, problem

ADDRESS = "/api/gov-detection/check-ip"


def test_a_government(post: Ask) -> None:
    answer = post(ADDRESS, {"ip": "156.33.195.33"})
    assert answer.status_code == 200
    body = answer.json
    assert body["confidence"] >= 0.7
    assert body["reasons"]
    assert body["listVersion"]
    del body["confidence"], body["reasons"], body["listVersion"]
    assert body == {
        "ip": "156.33.195.33",
        "isGovernment": True,
        "kind": "legislature",
        "organization": "United States Senate",
        "asn": "AS3495",
        "country": "US",
    }


@pytest.mark.parametrize("ip", ["8.8.8.8", "::ffff:8.8.8.8", "2001:4860:4860::8888", "10.0.0.1", "::1"])
def test_no_government(post: Ask, ip: str) -> None:
    body = post(ADDRESS, {"ip": ip}).json
    assert (body["ip"], body["isGovernment"], body["kind"]) == (ip, False, None)
    assert body["confidence"] < 0.7


@pytest.mark.parametrize("ip", ["", "nonsense", "1.2.3.4:80", "1" * 101, None, 7])
def test_nonsense(post: Ask, ip: object) -> None:
    assert pointers(post(ADDRESS, {"ip": ip})) == ["/ip"]


def test_without_a_database_it_is_unknown(stores: Stores, alice: Headers, tmp_path: Path) -> None:
    missing = tmp_path / "missing.mmdb"
    app = create_app(Config(data_dir=tmp_path, geoip_paths=(missing,)), stores)
    body = app.test_client().post(ADDRESS, json={"ip": "8.8.8.8"}, headers=alice).json
    assert body["isGovernment"] is None
    assert str(missing) not in str(body["ip"])
    assert any("missing.mmdb" in reason for reason in body["reasons"])


def test_switched_off(stores: Stores, alice: Headers, tmp_path: Path) -> None:
    app = create_app(replace(Config(data_dir=tmp_path), gov_detection=False), stores)
    problem(app.test_client().post(ADDRESS, json={"ip": "8.8.8.8"}, headers=alice), 404)


def test_it_needs_the_scope_read(app: OpenAPI, client: FlaskClient, stores: Stores, anna: Profile) -> None:
    writer = tokens.mint(
        stores.keys.jwt, subject="w", profiles=[anna.profile_id], scopes=["events:write"], now=now(), days=1
    )
    answer = client.post(ADDRESS, json={"ip": "8.8.8.8"}, headers={"Authorization": f"Bearer {writer}"})
    problem(answer, 403, "forbidden")
    problem(client.post(ADDRESS, json={"ip": "8.8.8.8"}), 401)
