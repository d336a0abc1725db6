"""Everything that a profile has, as one file."""

import csv
import hashlib
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from models.clock import now
from models.errors import Conflict, NotFound
from models.schema import accounts, metadata
from models.stores import Stores
from services import jobs, profiles
from services.jobs import runner
from services.profiles import Profile
from services.rights import archive, deletion, holdings, shelf
from tests.services.rights.conftest import Fill, known, marker

_SECRET = re.compile(r"password|secret|salt|digest|_hash$|token$")
_NO_SECRET = {"address_hash"}
"""A visitor's address as it is kept: what it was made with is in no table."""


def unpacked(stores: Stores, profile_id: UUID, tmp_path: Path) -> dict[str, bytes]:
    """The files of the archive."""
    path = tmp_path / "all.zip"
    with path.open("wb") as file:
        archive.write(stores, profile_id, file, now())
    with ZipFile(path) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_table_is_exported_or_named_with_a_reason() -> None:
    told = {table.name for table in holdings.exported()} | holdings.ELSEWHERE.keys()
    told |= {name for name in holdings.LEFT_OUT if "." not in name}
    assert {table.name for table in metadata.sorted_tables} == told
    for table in metadata.sorted_tables:
        assert (holdings.OWN in table.c) != (table.name in holdings.ELSEWHERE), table.name
    for name in holdings.LEFT_OUT:
        table, _, column = name.partition(".")
        assert not column or column in metadata.tables[table].c, name


def test_nothing_secret_is_in_it() -> None:
    held = {
        f"{table.name}.{column.name}" for table, columns in holdings.exported().items() for column in columns
    }
    suspects = {name for name in held if _SECRET.search(name) and name.split(".")[1] not in _NO_SECRET}
    assert suspects == set()


def test_every_file_and_column_has_its_words() -> None:
    held = {
        (table.name, column)
        for table, columns in holdings.exported().items()
        for column in ("", *(each.name for each in columns))
    }
    told = holdings.words()
    assert {key for key in held if not told.get(key, "").endswith(".")} == set()
    assert {key for key in told if key not in held and key[0] != "*"} == set()


def test_it_holds_every_row_exactly(
    stores: Stores, anna: Profile, priya: Profile, fill: Fill, tmp_path: Path
) -> None:
    fill(anna)
    fill(priya)
    files = unpacked(stores, anna.profile_id, tmp_path)
    stored = known(stores, anna.profile_id)
    assert set(files) == {f"{name}.csv" for name in stored} | {"manifest.json", "README.txt"}
    for name, rows in stored.items():
        assert rows, f"the test has no row of {name}"
        told = rows_of(files[f"{name}.csv"])
        assert len(told) == len(rows), name
        columns = set(rows[0]) - {
            what.partition(".")[2] for what in holdings.LEFT_OUT if what.startswith(f"{name}.")
        }
        assert columns | ({"email"} if name == "memberships" else set()) == set(told[0]), name
        for row, line in zip(rows, told, strict=True):
            for column in columns:
                expected = archive.cell(row[column])
                assert line[column] == ("" if expected is None else str(expected)), (name, column)
    everything = b"".join(files.values()).decode()
    assert marker(anna) in everything
    assert marker(priya) not in everything
    assert str(priya.profile_id) not in everything
    with stores.database.transaction() as tx:
        hashes = [row["password_hash"] for row in tx.rows(select(accounts.c.password_hash))]
    assert not any(each in everything for each in hashes)
    sale = next(row for row in rows_of(files["transactions.csv"]) if row["transaction_type"] == "gift")
    assert (sale["amount"], sale["item_name"]) == ("10.5000", f"'=1+{marker(anna)}")
    assert sale["received_at"].endswith("Z")
    assert rows_of(files["memberships.csv"])[0]["email"] == "owner-anna@example.com"


def test_the_manifest_proves_each_file(stores: Stores, anna: Profile, fill: Fill, tmp_path: Path) -> None:
    fill(anna)
    files = unpacked(stores, anna.profile_id, tmp_path)
    manifest = json.loads(files["manifest.json"])
    assert manifest["schemaVersion"]
    assert manifest["profileId"] == str(anna.profile_id)
    for told in manifest["files"]:
        content = files[told["name"]]
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        assert (told["bytes"], told["rows"]) == (len(content), len(rows_of(content)))
    assert {told["name"] for told in manifest["files"]} == set(files) - {"manifest.json", "README.txt"}
    assert manifest["rows"] == sum(told["rows"] for told in manifest["files"])


def test_a_job_puts_it_where_only_its_owner_reads(stores: Stores, anna: Profile) -> None:
    job = jobs.export(stores, anna.profile_id, "anna@example.com", now())
    with pytest.raises(Conflict, match="already"):
        jobs.export(stores, anna.profile_id, "anna@example.com", now())
    assert shelf.ready(stores, anna.profile_id, now()) is None
    assert runner.one(stores)
    with stores.database.transaction() as tx:
        ended = jobs.find(tx, anna.profile_id, job.job_id)
    assert (ended.status, ended.problem) == ("done", None)
    # The job itself was running when it was counted.
    assert ended.done == ended.total == (ended.result or {})["rows"] == 2
    found = shelf.fetched(stores, anna.profile_id, now())
    assert found.path.stat().st_mode & 0o777 == 0o600
    assert found.path.parent.stat().st_mode & 0o077 == 0
    assert [each.name for each in stores.exports.iterdir()] == [f"{anna.profile_id}.zip"]


def test_it_goes_after_a_week_and_a_broken_one_leaves_nothing(stores: Stores, anna: Profile) -> None:
    with shelf.placing(stores, anna.profile_id) as file:
        file.write(b"first")
    with pytest.raises(ZeroDivisionError), shelf.placing(stores, anna.profile_id) as file:
        file.write(b"second")
        raise ZeroDivisionError
    found = shelf.fetched(stores, anna.profile_id, now())
    assert found.path.read_bytes() == b"first"
    assert len(list(stores.exports.iterdir())) == 1
    later = now() + shelf.KEPT - timedelta(minutes=1)
    assert (shelf.sweep(stores, later), shelf.ready(stores, anna.profile_id, later)) == (0, found)
    later += timedelta(minutes=2)
    with pytest.raises(NotFound):
        shelf.fetched(stores, anna.profile_id, later)
    assert shelf.sweep(stores, later) == 1
    assert not list(stores.exports.iterdir())


def test_a_profile_that_is_gone_has_no_archive(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    deletion.ask(stores, anna.profile_id, "Anna", now())
    with pytest.raises(NotFound):
        unpacked(stores, anna.profile_id, tmp_path)
    with pytest.raises(NotFound):
        profiles.find(stores.database, anna.profile_id)
