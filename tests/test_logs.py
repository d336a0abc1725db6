"""What the logs hold, and what they never do."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from app import create_app
from config import Config
from logs import Formatter
from models.clock import now
from models.database import Database
from models.ids import new_id
from models.schema import accounts as people
from models.stores import Stores
from services.profiles import Profile
from tests.api.conftest import PASSWORD, signed_in

SECRET = "s3cret-Wombat"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, as the processes write it."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Formatter("web"))
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def test_nobody_writes_entries_of_their_own() -> None:
    # A logger below no other: what pytest would keep of it can't be handed on, for half a surrogate pair.
    written, logger = io.StringIO(), logging.Logger("x")
    logger.addHandler(handler := logging.StreamHandler(written))
    handler.setFormatter(Formatter("web"))
    for text in ("a\nb: ERROR forged", "a\r\nb: ERROR forged", "\x1b[31mred", "\u2028b", "\x00", "\ud800"):
        logger.warning("Somebody said %s", text)
        try:
            raise ValueError(text)
        except ValueError:
            logger.exception("It failed: %s", text)
    entries = written.getvalue().splitlines()
    begun = [line for line in entries if not line.startswith("    ")]
    assert len(begun) == 12
    assert all(" web: " in line for line in begun)
    assert not any(ord(character) < 32 for line in entries for character in line)
    written.getvalue().encode()


def test_what_postgresql_quotes_is_left_out(database: Database, log: io.StringIO) -> None:
    row = {
        "account_id": new_id(),
        "email": f"{SECRET}@example.org",
        "password_hash": SECRET,
        "created_at": now(),
    }
    for again in (row, {**row, "account_id": new_id()}):
        for by_copy in (False, True):
            try:
                with database.transaction() as tx:
                    if by_copy:
                        tx.copy(people, tuple(row), [tuple(again.values())])
                    else:
                        tx.run(insert(people).values(again))
            except Exception:
                logging.getLogger("x").exception("It could not be stored")
    assert log.getvalue().count("duplicate key value") >= 3
    assert SECRET not in log.getvalue()


def test_secrets_of_requests_stand_nowhere(
    stores: Stores, anna: Profile, tmp_path: Path, log: io.StringIO
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the inside")

    app = create_app(Config(data_dir=tmp_path), stores)
    client = app.test_client()
    signed_in(client, stores, "alice@example.org", anna, "owner")
    cookie = client.get_cookie("session")
    assert cookie is not None
    app.view_functions["api.transactions.record"] = broken
    bearer = {"Authorization": f"Bearer {SECRET}"}
    form = {"email": "alice@example.org", "password": SECRET}
    saving = {
        "output": '{"part":"problem","settings":["MATCH"]}.children',
        "outputs": {"id": {"part": "problem", "settings": "password"}, "property": "children"},
        "inputs": [{"id": {"part": "save", "settings": "password"}, "property": "n_clicks", "value": 1}],
        "state": [
            [{"id": {"settings": "password", "field": "old"}, "property": "value", "value": SECRET}],
            [{"id": 1, "property": "id", "value": SECRET}],
            {"id": "x", "property": "data", "value": SECRET},
            {"id": "query", "property": "data", "value": SECRET},
        ],
        "changedPropIds": ['{"part":"save","settings":"password"}.n_clicks'],
    }
    answers = [
        client.post("/sign-in", data=form),
        client.post("/api/transactions", json={"note": SECRET}),
        client.get(f"/api/pnl/{anna.profile_id}", headers=bearer),
        client.get(f"/api/pnl/{anna.profile_id}", headers={"Authorization": SECRET}),
        client.post("/_dash-update-component", json=saving),
        client.post("/api/track", json={"key": SECRET}),
    ]
    assert "the inside" in log.getvalue()
    everything = log.getvalue() + "".join(answer.text for answer in answers)
    for secret in (SECRET, PASSWORD, cookie.value, stores.keys.session, stores.keys.jwt):
        assert secret not in everything
    assert SECRET not in repr(
        Config(data_dir=tmp_path, database_url=SECRET, redis_url=SECRET, jwt_key=SECRET)
    )
