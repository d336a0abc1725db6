"""The migrations make the schema that models/schema describes, and the version before works on meanwhile."""

import ast
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql

from models import migrate
from models.database import Database
from models.embedded import Endpoints
from models.errors import Busy
from models.schema import metadata
from tests.conftest import copy_of

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
INITIAL = "20261123_initial"
ALLOWED = {
    # Nothing had written a row of that table before.
    ("20261124_alerts", "add_column gov_alerts not null"),
    # Made before there was a release: nobody has millions of events yet.
    ("20261125_reduce", "create_index profile_events"),
    # A wider rule in the place of a narrower one, on a table of some rows.
    ("20261125_rights", "drop_constraint op.f('ck_jobs_kind')"),
    ("20261125_rights", "create_check_constraint jobs"),
}
GROWING = {"profile_events", "api_request_metrics", "visitor_days", "traffic_breakdown", "engagement_metrics"}
"""Tables that grow with the traffic: an index on one of them is not made in passing."""


def test_migrations_lead_to_the_described_schema(database: Database) -> None:
    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


# --- what a migration may do ---


def refusals(source: str) -> set[str]:
    """What the upgrade of a migration does that the version before would not survive."""
    module = ast.parse(source)
    (upgrade,) = (
        node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call)]
    made = {first(call) for call in calls if named(call) == "create_table"}
    return {refused for call in calls if (refused := refusal(call, made))}


def refusal(call: ast.Call, made: set[str]) -> str | None:
    name, given = named(call), {each.arg: ast.unparse(each.value) for each in call.keywords}
    table = first(call)
    if name.startswith(("drop_", "rename_")):
        return f"{name} {table}"
    if name == "alter_column" and not set(given) <= {"server_default", "comment"} and (
        given.get("nullable") != "True" or {"new_column_name", "type_"} & set(given)
    ):  # fmt: skip
        return f"alter_column {table}"
    if name == "add_column" and table not in made:
        column = call.args[1]
        assert isinstance(column, ast.Call)
        told = {each.arg: ast.unparse(each.value) for each in column.keywords}
        if told.get("nullable") == "False" and "server_default" not in told:
            return f"add_column {table} not null"
    if name.startswith("create_") and name.endswith("_constraint") and literal(call.args[1]) not in made:
        return f"{name} {literal(call.args[1])}"
    if name == "create_index" and literal(call.args[1]) in GROWING - made:
        return f"create_index {literal(call.args[1])}"
    if name == "execute":
        words = table.lower().split()
        for word in ("drop", "rename", "truncate", "delete"):
            if word in words:
                return f"execute {word}"
    return None


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def literal(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def first(call: ast.Call) -> str:
    return literal(call.args[0]) if call.args else ""


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    """What a version no longer needs is removed by a later one than that which stopped using it."""
    if path.stem == INITIAL:
        return
    found = {refused for refused in refusals(path.read_text()) if (path.stem, refused) not in ALLOWED}
    assert found == set()


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("op.drop_table('jobs')", "drop_table jobs"),
        ("op.drop_column('jobs', 'kind')", "drop_column jobs"),
        ("op.drop_constraint('ck', 'jobs')", "drop_constraint ck"),
        ("op.rename_table('jobs', 'tasks')", "rename_table jobs"),
        ("op.alter_column('jobs', 'kind', nullable=False)", "alter_column jobs"),
        ("op.alter_column('jobs', 'kind', new_column_name='sort')", "alter_column jobs"),
        ("op.alter_column('jobs', 'kind', type_=sa.Text(), nullable=True)", "alter_column jobs"),
        ("op.add_column('jobs', sa.Column('a', sa.Text(), nullable=False))", "add_column jobs not null"),
        ("op.create_unique_constraint('uq', 'jobs', ['kind'])", "create_unique_constraint jobs"),
        ("op.create_check_constraint('ck', 'jobs', 'true')", "create_check_constraint jobs"),
        ("op.create_index('ix', 'profile_events', ['country'])", "create_index profile_events"),
        ("op.execute('alter table jobs drop column kind')", "execute drop"),
        ("op.execute('ALTER TABLE jobs RENAME TO tasks')", "execute rename"),
        ("op.alter_column('jobs', 'kind', nullable=True)", None),
        ("op.alter_column('jobs', 'kind', server_default='x')", None),
        ("op.add_column('jobs', sa.Column('a', sa.Text(), nullable=False, server_default=''))", None),
        ("op.create_index('ix', 'jobs', ['kind'])", None),
        ("op.create_table('a'); op.create_unique_constraint('uq', 'a', ['b'])", None),
    ],
)  # fmt: skip
def test_what_is_refused(statement: str, refused: str | None) -> None:
    assert refusals(f"def upgrade():\n    {statement}\n") == ({refused} if refused else set())


# --- what it does to others ---


@pytest.fixture
def first_version(endpoints: Endpoints) -> Iterator[str]:
    """The url of a database with the schema of the first version, and a profile."""
    with copy_of(endpoints, "template0") as url:
        database = Database(url)
        with database.connection() as connection:
            migrate.lay(connection, INITIAL)
            connection.exec_driver_sql(
                "create table profile_events_2026_11 partition of profile_events "
                "for values from ('2026-11-01 00:00+00') to ('2026-12-01 00:00+00')"
            )
        database.close()
        yield url


PROFILE = uuid4()
ROWS: dict[str, dict[str, Any]] = {
    "profiles": {
        "profile_id": PROFILE, "name": "Anna", "time_zone": "Europe/Berlin", "currency": "EUR",
        "public_key": "k", "created_at": "2026-11-01", "updated_at": "2026-11-01",
    },
    "profile_events": {
        "profile_id": PROFILE, "timestamp": "2026-11-20", "id": None, "event_type": "click",
        "local_date": "2026-11-20", "visitor_key": b"v", "target": "gift-catalog",
        "received_at": "2026-11-20",
    },
    "profile_performance": {"profile_id": PROFILE, "local_date": "2026-11-20", "clicks": 1},
}  # fmt: skip


def insert(connection: psycopg.Connection, table: str, values: dict[str, Any], more: str = "") -> None:
    connection.execute(
        sql.SQL("insert into {} ({}) values ({}) {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
            sql.SQL(more),
        ),
        list(values.values()),
    )


def test_the_version_before_works_on(first_version: str) -> None:
    """It stores events and reads every table by the statements that it has, from the first revision on."""
    plain = first_version.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        insert(connection, "profiles", ROWS["profiles"])
        reading = {
            name: [
                column.name
                for column in connection.execute(
                    sql.SQL("select * from {} limit 0").format(sql.Identifier(name))
                ).description
                or ()
            ]
            for (name,) in connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace "
                "and relkind in ('r', 'p') and not relispartition and relname <> 'alembic_version'"
            ).fetchall()
        }
    assert len(reading) > 10
    enough, begun = Event(), Event()
    stored: list[Any] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            while not enough.is_set():
                with psycopg.connect(plain) as connection:
                    event = {**ROWS["profile_events"], "id": uuid4()}
                    insert(connection, "profile_events", event)
                    insert(
                        connection,
                        "profile_performance",
                        ROWS["profile_performance"],
                        "on conflict (profile_id, local_date) do update "
                        "set clicks = profile_performance.clicks + 1",
                    )
                    for name, columns in reading.items():
                        names = sql.SQL(", ").join(map(sql.Identifier, columns))
                        connection.execute(
                            sql.SQL("select {} from {} limit 5").format(names, sql.Identifier(name))
                        )
                stored.append(event["id"])
                begun.set()
        except Exception as error:  # whatever it is, the test is to say it
            failed.append(error)
            begun.set()

    working = [Thread(target=work) for _ in range(2)]
    for thread in working:
        thread.start()
    database = Database(first_version)
    try:
        assert begun.wait(30)
        before = len(stored)
        applied = migrate.migrate(database)
        begun.clear()
        assert begun.wait(30)  # and it goes on afterwards
    finally:
        enough.set()
        for thread in working:
            thread.join()
    assert failed == []
    assert applied[-1] == migrate.status(database).newest
    assert len(stored) > before
    database.close()
    with psycopg.connect(plain) as connection:
        kept = {row[0] for row in connection.execute("select id from profile_events").fetchall()}
        assert kept == set(stored)
        assert connection.execute("select clicks from profile_performance").fetchone() == (len(stored),)


def test_a_long_reader_is_let_by(first_version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change gives way, others are not held up, and it is made once the reader is done."""
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    plain, database = first_version.replace("+psycopg", ""), Database(first_version)
    with psycopg.connect(plain) as connection:
        insert(connection, "profiles", ROWS["profiles"])
    said: list[str] = []
    reader = psycopg.connect(plain)
    reader.execute("select count(*) from gov_alerts")

    def say(sentence: str) -> None:
        said.append(sentence)
        with psycopg.connect(plain, options="-c lock_timeout=5000") as writer:
            insert(writer, "profile_events", {**ROWS["profile_events"], "id": uuid4()})
            writer.execute("select * from gov_alerts")
        if len(said) == 2:
            reader.close()

    applied = migrate.migrate(database, say)
    assert said == ["A table is in use; the schema is changed when it is free."] * 2
    assert applied[-1] == migrate.status(database).newest
    database.close()


def test_it_gives_up_in_a_sentence_and_changes_nothing(
    first_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(migrate, "PAUSE", 0.05)
    database = Database(first_version)
    with psycopg.connect(first_version.replace("+psycopg", "")) as reader:
        reader.execute("select count(*) from gov_alerts")
        with pytest.raises(Busy, match="a table is in use all the time"):
            migrate.migrate(database, patience=0.1)
    assert migrate.status(database).current == "20261124_jobs"
    assert migrate.migrate(database)[0] == "20261124_alerts"
    database.close()
