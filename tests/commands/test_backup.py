"""manage.py backup and restore: what was there is there again, and a bad archive changes nothing."""

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.sql import text

from app import create_app
from config import Config
from models import migrate
from models.clock import now
from models.database import Database
from models.embedded import Endpoints
from models.errors import InvalidInput
from models.schema import metadata, profile_events
from models.stores import Stores, open_stores
from services import accounts, audit, backup, demo, profiles, rollups, scope, tokens
from services.ingest import events
from services.ingest.gather import Gatherer
from services.ingest.inputs import Event
from services.metrics import METRICS, report
from services.retention.months import close_months
from tests.commands.conftest import Ran
from tests.conftest import copy_of

Run = Callable[..., Ran]
Rows = dict[str, list[str]]
ROOT = Path(__file__).parents[2]
HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"


@pytest.fixture
def elsewhere(endpoints: Endpoints, template: str) -> Iterator[str]:
    """The url of an empty database of another installation."""
    with copy_of(endpoints, template) as url:
        yield url


@pytest.fixture
def here(run: Run, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Stores]:
    """The stores that `run` works on."""
    opened = open_stores(database_url=database_url, redis_url=redis_url, data_dir=tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def move(run: Run, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on `run` works on the other installation."""

    def go() -> None:
        monkeypatch.setenv("DATABASE_URL", elsewhere.replace("+psycopg", ""))
        monkeypatch.setenv("PLATFORM_ANALYTICS_DATA_DIR", str(tmp_path / "other"))

    return go


def rows(database_url: str) -> Rows:
    """All rows of all tables, in no order of theirs, but for what backup and restore note of themselves."""

    def every(name: str) -> str:
        noted = " where action not in ('backed-up', 'restored')" if name == "audit_entries" else ""
        return f"select t::text as row from {name} t{noted}"

    database = Database(database_url)
    try:
        with database.snapshot() as tx:
            return {
                table.name: sorted(row["row"] for row in tx.rows(text(every(table.name))))
                for table in metadata.sorted_tables
            }
    finally:
        database.close()


def reports(database_url: str, at: datetime) -> dict[str, Any]:
    """Every figure of every profile over three periods, as REST and pages tell them."""
    database = Database(database_url)
    try:
        return {
            f"{profile.name} {period}": report(
                database, scope.parse(profile, {"period": period}, at), METRICS
            )
            for profile in profiles.every(database)
            for period in ("7d", "30d", "12m")
        }
    finally:
        database.close()


def real_data(run: Run, profile: str, folder: Path) -> None:
    """An access log and a shop's sales, as the installation of somebody real has them."""
    for name in ("apache_access.log", "cdnow_purchases.csv"):
        with gzip.open(ROOT / "tests" / "data" / f"{name}.gz") as packed, (folder / name).open("wb") as file:
            # Enough of them for every table that an import fills.
            file.writelines(line for line, _ in zip(packed, range(2_000), strict=False))
    log = run("import", "access-log", str(folder / "apache_access.log"), "--profile", profile)
    assert log.status == 0, log.err
    sales = run(
        "import", "transactions", str(folder / "cdnow_purchases.csv"), "--profile", profile, "--type", "gift"
    )
    assert sales.status == 0, sales.err


def test_everything_is_there_again(
    run: Run, here: Stores, profile: str, database_url: str, elsewhere: str, move: Callable[[], None],
    tmp_path: Path,
) -> None:  # fmt: skip
    demo.seed(here, now(), days=20)
    real_data(run, profile, tmp_path)
    geoip = tmp_path / "data" / "geoip"
    (geoip / "licences-asn").mkdir(parents=True)
    (geoip / "asn.mmdb").write_bytes(b"networks" * 1000)
    (geoip / "licences-asn" / "LICENSE").write_text("as you like")
    visitor = here.keys.visitor(now())
    file = tmp_path / "one.zip"
    told = json.loads(run("backup", str(file), "--json").out)
    assert (file.stat().st_mode & 0o777, file.stat().st_size) == (0o600, told["bytes"])
    assert not list(tmp_path.glob(".one.zip.*"))
    before, at = rows(database_url), now()
    assert told["tables"] == {name: len(kept) for name, kept in before.items()}
    assert told["rows"] > 1_000
    move()
    restored = run("restore", str(file), "--json")
    assert restored.status == 0, restored.err
    answer = json.loads(restored.out)
    assert (answer["rows"], answer["profiles"], answer["differences"]) == (told["rows"], 4, [])
    after = rows(elsewhere)
    assert [name for name in before if before[name] != after[name]] == []
    assert reports(elsewhere, at) == reports(database_url, at)
    there = tmp_path / "other"
    assert (there / "geoip" / "asn.mmdb").read_bytes() == b"networks" * 1000
    assert (there / "geoip" / "licences-asn" / "LICENSE").read_text() == "as you like"
    kept = open_stores(database_url=elsewhere, redis_url="redis://nowhere", data_dir=there)
    assert kept.keys.visitor(now()) == visitor
    assert {path.stat().st_mode & 0o777 for path in (there / "keys").iterdir()} == {0o600}
    assert sorted(path.name for path in there.iterdir()) == ["geoip", "keys"]
    assert run("verify").status == 0
    with kept.database.transaction() as tx:
        (noted,) = audit.listing(tx, UUID(profile), kind="keeping")
    assert (noted.actor, noted.sentence) == (
        "command line",
        f"Restored the backup of {told['takenAt'][:19]}+00:00",
    )


def test_months_are_as_closed_as_before(
    run: Run, here: Stores, profile: str, database_url: str, elsewhere: str, move: Callable[[], None],
    tmp_path: Path,
) -> None:  # fmt: skip
    long_ago = now() - timedelta(days=900)
    for at in (long_ago, now()):
        events.store(here, [Event(profile_id=profile, event_type="view", visitor_id="emma")], at)
    close_months(here, UUID(profile), now(), here.periods.raw, Signal())
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    before = rows(database_url)
    assert len(before["closed_months"]) == 1
    move()
    assert run("restore", str(tmp_path / "one.zip")).status == 0
    assert rows(elsewhere) == before
    assert run("verify").status == 0
    other = Database(elsewhere)
    with other.transaction() as tx:
        tx.run(text("update visitor_days set visitor_key = '' where local_date < '2025-01-01'"))
    other.close()
    assert run("verify").status == 1


def test_a_cookie_and_a_token_still_hold(
    run: Run, here: Stores, profile: str, elsewhere: str, redis_url: str, move: Callable[[], None],
    tmp_path: Path,
) -> None:  # fmt: skip
    with here.database.transaction() as tx:
        account = accounts.find(tx, "anna@example.com")
        accounts.set_password(tx, account.account_id, PASSWORD)
    browser = create_app(Config(data_dir=tmp_path / "data"), here).test_client()
    signed_in = browser.post("/sign-in", data={"email": account.email, "password": PASSWORD}, headers=HERE)
    assert signed_in.status_code == 302
    cookie = browser.get_cookie("session")
    assert cookie is not None
    token = tokens.mint(
        here.keys.jwt, subject="me", profiles=[UUID(profile)], scopes=("read",), now=now(), days=1
    )
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    move()
    assert run("restore", str(tmp_path / "one.zip")).status == 0
    there = open_stores(database_url=elsewhere, redis_url=redis_url, data_dir=tmp_path / "other")
    app = create_app(Config(data_dir=tmp_path / "other"), there)
    address = f"/api/profile-analytics/{profile}/overview"
    assert app.test_client().get(address).status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get(address, headers=bearer).status_code == 200
    other = app.test_client()
    other.set_cookie("session", cookie.value)
    assert other.get(address).status_code == 200
    form = {"email": account.email, "password": PASSWORD}
    again = app.test_client().post("/sign-in", data=form, headers=HERE)
    assert again.headers["Location"] == "/"
    there.close()


def test_while_events_come_in(
    run: Run, here: Stores, profile: str, elsewhere: str, move: Callable[[], None], tmp_path: Path
) -> None:
    """What was acknowledged before the instant of the backup is in it, and nothing is half in it."""
    door, enough, begun = Gatherer(here), Signal(), Signal()
    acknowledged: dict[UUID, datetime] = {}

    def post() -> None:
        while not enough.is_set():
            event = Event(profile_id=UUID(profile), event_type="view", visitor_id=str(len(acknowledged)))
            stored = door.store([event], now())
            acknowledged[stored.ids[0]] = now()
            if len(acknowledged) > 50:
                begun.set()

    posting = [Thread(target=post) for _ in range(4)]
    for thread in posting:
        thread.start()
    try:
        assert begun.wait(60)
        told = json.loads(run("backup", str(tmp_path / "one.zip"), "--json").out)
        many = len(acknowledged)
    finally:
        enough.set()
        for thread in posting:
            thread.join()
    taken_at = datetime.fromisoformat(told["takenAt"])
    move()
    restored = run("restore", str(tmp_path / "one.zip"), "--json")
    assert (restored.status, json.loads(restored.out)["differences"]) == (0, [])
    there = Database(elsewhere)
    with there.transaction() as tx:
        kept = {row["id"] for row in tx.rows(select(profile_events.c.id))}
    there.close()
    due = {key for key, at in acknowledged.items() if at < taken_at}
    assert 50 < len(due) <= many
    assert due <= kept <= acknowledged.keys()


def test_engines_of_its_own(
    run: Run, here: Stores, profile: str, database_url: str, redis_url: str, elsewhere: str,
    move: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """From a configured PostgreSQL to the product's own engines, and from there to another."""
    real_data(run, profile, tmp_path)
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-tests-"))
    folder.chmod(0o711)
    try:
        for name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("PLATFORM_ANALYTICS_DATA_DIR", str(folder))
        restored = run("restore", str(tmp_path / "one.zip"))
        assert restored.status == 0, restored.err
        again = run("restore", str(tmp_path / "one.zip"))
        assert (again.status, "is not empty: it has 1 profile (Anna), 1 account." in again.err) == (1, True)
        assert run("restore", str(tmp_path / "one.zip"), "--replace", "--yes").status == 0
        told = run("backup", str(tmp_path / "two.zip"), "--json")
        assert json.loads(told.out)["redis"] is True
    finally:
        shutil.rmtree(folder)
    monkeypatch.setenv("REDIS_URL", redis_url)
    move()
    assert run("restore", str(tmp_path / "two.zip")).status == 0
    assert rows(elsewhere) == rows(database_url)


def test_to_stdout(run: Run, profile: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", "backup", "-"], cwd=ROOT, capture_output=True, check=True
    )
    (tmp_path / "piped.zip").write_bytes(ran.stdout)
    with backup.checked(tmp_path / "piped.zip") as reader:
        assert reader.manifest.tables["profiles"].rows == 1
    assert b"1 rows" not in ran.stdout
    assert b"MB" in ran.stderr


def test_given_keys_are_not_written(
    run: Run, profile: str, move: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "of-the-operator-" * 4
    monkeypatch.setenv("PLATFORM_ANALYTICS_JWT_KEY", secret)
    ran = run("backup", str(tmp_path / "one.zip"))
    assert "The jwt key is not in the backup: it was given by PLATFORM_ANALYTICS_JWT_KEY." in ran.err
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert "keys/jwt" not in archive.namelist()
        assert not any(secret.encode() in archive.read(name) for name in archive.namelist())


def test_an_installation_in_use_is_left_alone(
    run: Run, profile: str, move: Callable[[], None], elsewhere: str, tmp_path: Path
) -> None:
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    move()
    running = Database(elsewhere)
    running.ping()
    ran = run("restore", str(tmp_path / "one.zip"))
    assert (ran.status, "The database is in use (1 other connection); stop" in ran.err) == (1, True)
    running.close()
    assert rows(elsewhere)["profiles"] == []


def test_keys_are_not_lost_unasked(
    run: Run, here: Stores, profile: str, elsewhere: str, move: Callable[[], None], tmp_path: Path
) -> None:
    """A database that is empty may stand beside the keys of another one, which are in use."""
    assert here.keys.jwt
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    move()
    other = tmp_path / "other" / "keys"
    other.mkdir(parents=True)
    (other / "jwt").write_text("x" * 48)
    ran = run("restore", str(tmp_path / "one.zip"))
    assert (ran.status, "it has its keys (jwt). Add --replace" in ran.err) == (1, True)
    assert (other / "jwt").read_text() == "x" * 48
    asked = run("restore", str(tmp_path / "one.zip"), "--replace")
    assert (asked.status, "Add --yes" in asked.err) == (1, True)
    assert run("restore", str(tmp_path / "one.zip"), "--replace", "--yes").status == 0
    assert (other / "jwt").read_text() == here.keys.jwt


@pytest.fixture
def archive(run: Run, here: Stores, profile: str, tmp_path: Path) -> Path:
    """A small backup."""
    assert here.keys.session
    assert here.keys.jwt
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    return tmp_path / "one.zip"


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_a_damaged_one_is_known(archive: Path, data: st.DataObject) -> None:
    """Whatever one byte or a cut does: the archive is refused, or all that it holds is what it was."""
    whole = archive.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        bad = whole[:place]
    else:
        bad = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    path = archive.with_name("bad.zip")
    path.write_bytes(bad)
    with zipfile.ZipFile(archive) as good:
        held = {name: good.read(name) for name in good.namelist() if name != "manifest.json"}
    try:
        with backup.checked(path) as reader:
            assert {name: b"".join(reader.pieces(name)) for name in reader.manifest.members} == held
    except InvalidInput as error:
        assert str(path) in str(error)


def test_a_cut_one_is_refused_in_a_sentence(
    run: Run, archive: Path, elsewhere: str, move: Callable[[], None], tmp_path: Path
) -> None:
    before = rows(elsewhere)
    move()
    for size in (0, 10, archive.stat().st_size // 2, archive.stat().st_size - 1):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(archive.read_bytes()[:size])
        ran = run("restore", str(bad))
        said = f"{bad} is no backup, or its end is missing; nothing was restored.\n"
        assert (ran.status, ran.err) == (1, said)
    missing = run("restore", str(tmp_path / "none.zip"))
    assert (missing.status, missing.err) == (1, f"There is no file {tmp_path / 'none.zip'}.\n")
    assert rows(elsewhere) == before
    assert not (tmp_path / "other").exists()


def altered(archive: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """The same archive with another manifest or other members, whose digests fit again."""
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    for name, content in members.items():
        manifest["members"][name] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    path = archive.with_name("altered.zip")
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
        made.writestr("manifest.json", json.dumps(manifest))
    return path


def foreign_table(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    """One whose name would be a statement, and which has no columns that could be wrong."""
    name = "accounts_2026_01 (n int); drop table profiles; --"
    manifest["tables"][name] = {"columns": [], "rows": 0, "partitions": ["2026_01"]}
    members[f"tables/{name}"] = b""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda manifest, members: manifest.update(format=99), "is a backup of format 99, this"),
        (lambda manifest, members: manifest.update(schema_revision="2999_x"), "a newer version (0.1.0"),
        (lambda manifest, members: manifest.pop("tables"), "its manifest does not make sense"),
        (lambda manifest, members: members.update({"keys/../../x": b"y"}), "has a member that none has"),
        (lambda manifest, members: members.update({".": b"y"}), "has a member that none has"),
        (
            lambda manifest, members: manifest["tables"]["accounts"].update(partitions=["2026_13"]),
            "its manifest does not make sense",
        ),
        (foreign_table, "is not that of its schema; nothing was restored."),
        (lambda manifest, members: members.pop("tables/accounts"), "its members are not those of"),
        (
            lambda manifest, members: manifest["tables"]["accounts"]["columns"].append("nothing"),
            "The backup's table accounts is not that of its schema; nothing was restored.",
        ),
        (
            lambda manifest, members: members.update({"tables/memberships": b"no row of it\n"}),
            "The database refused it",
        ),
    ],
)  # fmt: skip
def test_one_that_does_not_fit_changes_nothing(
    run: Run, archive: Path, elsewhere: str, move: Callable[[], None], tmp_path: Path,
    change: Callable[[dict[str, Any], dict[str, bytes]], None], said: str,
) -> None:  # fmt: skip
    """Neither the tables nor the keys of an installation that was to be replaced."""
    there = open_stores(database_url=elsewhere, redis_url="redis://nowhere", data_dir=tmp_path / "other")
    with there.database.transaction() as tx:
        profiles.add(tx, name="Priya", time_zone="Asia/Kolkata", currency="INR", at=now())
    assert there.keys.jwt
    there.close()
    before, keys = rows(elsewhere), there.keys.files()
    move()
    ran = run("restore", str(altered(archive, change)), "--replace", "--yes")
    assert (ran.status, said in ran.err) == (1, True), ran.err
    assert "Traceback" not in ran.err
    assert rows(elsewhere) == before
    assert there.keys.files() == keys
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == ["keys"]


def test_a_commit_that_fails_brings_the_keys_back(
    here: Stores, archive: Path, elsewhere: str, tmp_path: Path
) -> None:
    """PostgreSQL refuses at the very last moment, when the keys are in place already."""
    there = open_stores(database_url=elsewhere, redis_url="redis://nowhere", data_dir=tmp_path / "other")
    assert there.keys.jwt
    keys, before = there.keys.files(), rows(elsewhere)
    with there.database.transaction() as tx:
        tx.run(text("create function refuse() returns trigger language plpgsql as "
                    "$$ begin raise exception 'not now'; end $$"))  # fmt: skip
    with backup.checked(archive) as reader:
        original = Database.connection

        @contextmanager
        def failing(self: Database) -> Iterator[Any]:
            with original(self) as connection:
                connection.exec_driver_sql("create temporary table watched (n int primary key)")
                connection.exec_driver_sql(
                    "create constraint trigger last after insert on watched "
                    "deferrable initially deferred for each row execute function refuse()"
                )
                connection.exec_driver_sql("insert into watched values (1)")
                yield connection

        pytest.MonkeyPatch().setattr(Database, "connection", failing)
        try:
            with pytest.raises(InvalidInput, match="The database refused it: not now; nothing was restored"):
                backup.restore(there, tmp_path / "other", reader, "domain-events", False)
        finally:
            Database.connection = original
    there.close()
    assert there.keys.files() == keys
    assert rows(elsewhere) == before


def test_a_full_disk_leaves_no_half_backup(run: Run, here: Stores, profile: str, tmp_path: Path) -> None:
    """The limit of a file's size takes the place of the disk's."""
    file = tmp_path / "one.zip"
    file.write_bytes(b"the one before")
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, allowed[1]))
    try:
        ran = run("backup", str(file))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert (ran.status, ran.err) == (1, f"The backup can't be written to {file}: File too large.\n")
    assert file.read_bytes() == b"the one before"
    assert not list(tmp_path.glob(".one.zip.*"))


def test_what_is_no_file_is_not_replaced_by_one(run: Run, here: Stores, profile: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ran = run("backup", str(pipe))
    assert (ran.status, ran.err) == (1, f"{pipe} is no file; give the name of one, or - for stdout.\n")
    assert pipe.is_fifo()


def test_an_older_schema_is_brought_to_this_one(
    endpoints: Endpoints, elsewhere: str, redis_url: str, tmp_path: Path
) -> None:
    """With what its migrations do to data."""
    with copy_of(endpoints, "template0") as url:
        old = open_stores(database_url=url, redis_url=redis_url, data_dir=tmp_path / "old")
        with old.database.connection() as connection:
            migrate.lay(connection, "20261124_tokens_changes_funnel")
            connection.exec_driver_sql(
                "insert into profiles (profile_id, name, time_zone, currency, public_key, created_at, "
                "updated_at) "
                "values ('0192e4a4-0000-7000-8000-000000000001', 'Anna', 'UTC', 'EUR', 'k', now(), now())"
            )
            connection.exec_driver_sql(
                "insert into profile_changes (profile_id, change_id, time_zone, currency, status, "
                "started_at) "
                "values ('0192e4a4-0000-7000-8000-000000000001', '0192e4a4-0000-7000-8000-000000000002', "
                "'Asia/Tokyo', 'JPY', 'done', now())"
            )
        with (tmp_path / "old.zip").open("wb") as file:
            taken = backup.take(old, tmp_path / "old", file, None)
        old.close()
    assert "jobs" not in taken.manifest.tables
    there = open_stores(database_url=elsewhere, redis_url=redis_url, data_dir=tmp_path / "other")
    with backup.checked(tmp_path / "old.zip") as reader:
        backup.restore(there, tmp_path / "other", reader, "domain-events", False)
    assert migrate.status(there.database).pending == ()
    with there.database.transaction() as tx:
        assert tx.value(text("select title from jobs")) == "Change to Asia/Tokyo, JPY"
        assert tx.value(select(func.count()).select_from(metadata.tables["fx_rates"])) == 0
    assert rollups.verify(there.database, profiles.every(there.database)[0].profile_id) == []
    there.close()


def test_a_month_without_a_partition_can_follow(
    run: Run, here: Stores, profile: str, elsewhere: str, move: Callable[[], None], tmp_path: Path
) -> None:
    """The partitions are those of before, and the next one is made as ever."""
    event = Event(profile_id=UUID(profile), event_type="view", timestamp=now() - timedelta(days=40))
    Gatherer(here).store([event], now())
    assert run("backup", str(tmp_path / "one.zip")).status == 0
    move()
    assert run("restore", str(tmp_path / "one.zip")).status == 0
    there = open_stores(database_url=elsewhere, redis_url="redis://127.0.0.1:1", data_dir=tmp_path / "other")
    Gatherer(there).store([Event(profile_id=UUID(profile), event_type="view")], now())
    assert rollups.verify(there.database, UUID(profile)) == []
    there.close()
