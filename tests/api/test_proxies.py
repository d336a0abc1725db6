"""Whose address an event has, behind proxies and without."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Config
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import Headers


@pytest.fixture
def behind_one(stores: Stores, tmp_path: Path) -> FlaskClient:
    """The app behind one trusted proxy."""
    return create_app(Config(data_dir=tmp_path, trusted_proxies=1), stores).test_client()


def visitors(client: FlaskClient, headers: Headers, profile: Profile, *forwarded: str) -> int:
    """How many visitors are seen after a view with each of these X-Forwarded-For."""
    body = {"profileId": str(profile.profile_id), "eventType": "view"}
    for chain in forwarded:
        answer = client.post(
            "/api/profile-analytics/event", json=body, headers={**headers, "X-Forwarded-For": chain}
        )
        assert answer.status_code == 201, answer.text
    overview = client.get(f"/api/profile-analytics/{profile.profile_id}/overview", headers=headers)
    number: int = overview.json["uniqueVisitors"]
    return number


def test_nobody_is_trusted_unless_configured(client: FlaskClient, alice: Headers, anna: Profile) -> None:
    assert visitors(client, alice, anna, "192.0.2.1", "192.0.2.2", "192.0.2.3") == 1


def test_the_trusted_proxy_tells_the_address(behind_one: FlaskClient, alice: Headers, anna: Profile) -> None:
    assert visitors(behind_one, alice, anna, "192.0.2.1", "192.0.2.2", "2001:db8::1") == 3


def test_what_a_client_put_before_it_is_not_believed(
    behind_one: FlaskClient, alice: Headers, anna: Profile
) -> None:
    spoofed = ("10.0.0.1, 192.0.2.7", "10.0.0.2, 192.0.2.7", "x, 10.0.0.3, 192.0.2.7")
    assert visitors(behind_one, alice, anna, *spoofed) == 1


def test_what_is_no_address_is_none(behind_one: FlaskClient, alice: Headers, anna: Profile) -> None:
    assert visitors(behind_one, alice, anna, "unknown", "_hidden", "fe80::1%eth0", "1.2.3.4.5") == 1


def test_an_address_with_its_port_is_that_address(
    behind_one: FlaskClient, alice: Headers, anna: Profile
) -> None:
    assert visitors(behind_one, alice, anna, "192.0.2.1:1234", "192.0.2.1", "[2001:db8::1]:99") == 2


@pytest.mark.parametrize(
    ("hops", "chain", "counted"),
    [
        (0, "192.0.2.{}", False),
        (1, "192.0.2.{}", True),
        (1, "192.0.2.{}, 198.51.100.1", False),
        (2, "192.0.2.{}, 198.51.100.1", True),
        (2, "192.0.2.{}, 203.0.113.7, 198.51.100.1", False),
        (1, "2001:db8:{}::1", True),
        (1, "2001:db8::{}", False),
        (1, "192.0.2.1:{}", False),
        (1, "[2001:db8::1]:{}", False),
    ],
)
def test_limits_go_by_the_address_that_is_believed(
    stores: Stores, tmp_path: Path, hops: int, chain: str, counted: bool
) -> None:
    """Else whoever makes up addresses has no limit at all."""
    config = Config(data_dir=tmp_path, trusted_proxies=hops, requests_per_minute=2)
    client = create_app(config, stores).test_client()
    answers = []
    for number in range(4):
        made_up = chain.format(number)
        headers = {"X-Forwarded-For": made_up, "Forwarded": f"for=203.0.113.{number}", "X-Real-IP": made_up}
        answers.append(client.get("/api/nothing", headers=headers).status_code)
    assert answers == ([404] * 4 if counted else [404, 404, 429, 429])
