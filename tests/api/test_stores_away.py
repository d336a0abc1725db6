"""What is answered while PostgreSQL or Redis are away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Executable, func, select

from app import create_app
from config import Config
from models.database import Database, Transaction
from models.ids import new_id
from models.stores import Stores, open_redis
from services.profiles import Profile
from tests.api.conftest import Headers, problem, token

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def no_database(stores: Stores, tmp_path: Path) -> FlaskClient:
    """The app while PostgreSQL is away."""
    away = Stores(Database(NOWHERE), stores.redis, stores.keys)
    return create_app(Config(data_dir=tmp_path), away).test_client()


@pytest.fixture
def no_redis(stores: Stores, tmp_path: Path) -> FlaskClient:
    """The app while Redis is away."""
    away = Stores(stores.database, open_redis("redis://127.0.0.1:1"), stores.keys)
    return create_app(Config(data_dir=tmp_path), away).test_client()


def test_503_without_the_database(no_database: FlaskClient, stores: Stores) -> None:
    headers, some = token(stores, "platform", None), str(new_id())
    event = {"profileId": some, "eventType": "view"}
    answers = [
        no_database.get(f"/api/pnl/{some}", headers=headers),
        no_database.get(f"/api/costs/{some}", headers=headers),
        no_database.post("/api/profile-analytics/event", json=event, headers=headers),
        no_database.post("/api/profile-analytics/event", json={"events": [event] * 300}, headers=headers),
        no_database.delete(f"/api/costs/{some}", headers=headers),
    ]
    for answer in answers:
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1


def test_health_tells_which_store_is_away(no_database: FlaskClient, no_redis: FlaskClient) -> None:
    assert no_database.get("/healthz").status_code == 200
    answer = no_database.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"postgresql": "away", "redis": "ok"})
    assert int(answer.headers["Retry-After"]) >= 1
    answer = no_redis.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"postgresql": "ok", "redis": "away"})


def test_everything_goes_on_without_redis(no_redis: FlaskClient, alice: Headers, anna: Profile) -> None:
    event = {"profileId": str(anna.profile_id), "eventType": "view"}
    assert no_redis.post("/api/profile-analytics/event", json=event, headers=alice).status_code == 201
    overview = no_redis.get(f"/api/profile-analytics/{anna.profile_id}/overview", headers=alice)
    assert overview.json["views"] == 1


def test_503_when_the_database_goes_away_in_the_middle(
    stores: Stores, client: FlaskClient, platform: Headers, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"profileId": str(anna.profile_id), "eventType": "view"}
    cuts = []
    # A few go by INSERT, many by COPY.
    for number, step in ((1, "insert_new"), (300, "insert_new"), (300, "copy")):
        whole = getattr(Transaction, step)

        def cut_off(tx: Transaction, *args: Any, whole: Callable[..., Any] = whole) -> Any:
            cuts.append(whole.__name__)
            own = tx.value(select(func.pg_backend_pid()))
            with stores.database.transaction() as other:
                other.value(select(func.pg_terminate_backend(own, 2000)))
            return whole(tx, *args)

        with monkeypatch.context() as patched:
            patched.setattr(Transaction, step, cut_off)
            batch = {"events": [event] * number}
            problem(client.post("/api/profile-analytics/event", json=batch, headers=platform), 503)
    assert cuts == ["insert_new", "insert_new", "copy"]
    overview = client.get(f"/api/profile-analytics/{anna.profile_id}/overview", headers=platform)
    assert overview.json["views"] == 0


@pytest.mark.parametrize(
    ("file", "read_from"),
    [
        ("costs/{}/entries/export", "cost_entries"),
        ("revenue/{}/transactions/export", "transactions"),
        ("gift-analytics/{}/donors/export", "transactions"),
    ],
)
def test_503_before_a_file_has_begun(
    stores: Stores, client: FlaskClient, alice: Headers, anna: Profile, monkeypatch: pytest.MonkeyPatch,
    file: str, read_from: str,
) -> None:  # fmt: skip
    def cut_off(whole: Callable[..., Any]) -> Callable[..., Any]:
        def read(tx: Transaction, statement: Executable, *how: Any) -> Any:
            if read_from in str(statement):
                own = tx.value(select(func.pg_backend_pid()))
                with stores.database.transaction() as other:
                    other.value(select(func.pg_terminate_backend(own, 2000)))
            return whole(tx, statement, *how)

        return read

    for reads in ("rows", "stream"):
        monkeypatch.setattr(Transaction, reads, cut_off(getattr(Transaction, reads)))
    problem(client.get(f"/api/{file.format(anna.profile_id)}", headers=alice), 503, "unavailable")
