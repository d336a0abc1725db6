"""Files that come through the browser: looked at, imported, and gone."""

import os
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clock import now
from models.errors import InvalidInput
from models.stores import Stores
from services import costs
from services.imports import ledger, upload
from services.imports.statements import Overrides
from services.imports.upload import Upload, import_upload, look, plain_name
from services.profiles import Profile
from tests.services.imports.conftest import DATA

EITHER = b"Date,What,Currency,Amount\n01/02/2024,Lamp,CAD,-10.00\n03/02/2024,Chair,CAD,-20.50\n"
EXPORTS = sorted((DATA / "exports").glob("*.csv"))


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where files are put; whatever a test does, nothing of them is left there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def of_costs(name: str, content: bytes, category: str = "tools", **told: str) -> Upload:
    return Upload("costs", name, content, category, Overrides(**told))


def entries(stores: Stores, profile: Profile) -> list[costs.CostEntry]:
    with stores.database.transaction() as tx:
        return costs.listing(tx, profile.profile_id, limit=1_000)


@pytest.mark.parametrize("file", EXPORTS, ids=lambda file: file.name)
def test_what_is_seen_is_what_is_stored(file: Path, stores: Stores, anna: Profile) -> None:
    given = of_costs(file.name, file.read_bytes())
    seen = look(anna, given).trial
    assert seen is not None
    assert entries(stores, anna) == []
    done = import_upload(stores, anna, given)
    stored = entries(stores, anna)
    assert done.account.places["stored"] == seen.rows == len(stored)
    sums: dict[str, Decimal] = {}
    for entry in stored:
        sums[entry.currency] = sums.get(entry.currency, Decimal(0)) + entry.amount
    assert sums == seen.sums
    assert {(row.day, row.amount) for row in seen.sample} <= {(e.expense_date, e.amount) for e in stored}
    if stored:
        days = [entry.expense_date for entry in stored]
        assert (seen.first, seen.last) == (min(days), max(days))
    assert (done.rejected, done.account.notes) == (seen.rejected, seen.account.notes)
    rest = {place: count for place, count in done.account.places.items() if place != "stored" and count}
    assert rest == {place: count for place, count in seen.account.places.items() if count}


def test_twice_is_once_and_undo_is_none(stores: Stores, anna: Profile) -> None:
    given = of_costs("ocbc_history.csv", (DATA / "exports" / "ocbc_history.csv").read_bytes())
    first, second = import_upload(stores, anna, given), import_upload(stores, anna, given)
    assert first.account.places["stored"] == second.account.places["duplicate"] == len(entries(stores, anna))
    assert first.account.import_id is not None
    known = ledger.find(stores.database, first.account.import_id)
    assert (known.kind, known.file_name) == ("costs", "ocbc_history.csv")
    assert ledger.undo(stores.database, first.account.import_id) == 8
    assert entries(stores, anna) == []


def test_income_of_the_same_file(stores: Stores, anna: Profile) -> None:
    content = (DATA / "exports" / "etsy_statement.csv").read_bytes()
    seen = look(anna, Upload("transactions", "etsy.csv", content, "gift", Overrides())).trial
    assert seen is not None
    assert (seen.rows, seen.sums) == (13, {"USD": Decimal("127.72")})
    assert {row.category for row in seen.sample} == {"gift"}
    assert seen.account.places["refund of a sale"] == 3
    assert seen.account.places["left for costs"] == 11


def test_what_has_to_be_told_is_asked_with_the_columns_to_choose_from(anna: Profile) -> None:
    asked = look(anna, of_costs("either.csv", EITHER))
    assert asked.trial is None
    assert asked.problem is not None
    assert [problem.pointer for problem in asked.problem.problems] == ["date_order"]
    assert asked.columns == ("Date", "What", "Currency", "Amount")
    told = look(anna, of_costs("either.csv", EITHER, date_order="mdy")).trial
    assert told is not None
    assert [row.day for row in told.sample] == [date(2024, 1, 2), date(2024, 3, 2)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.csv is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "x.csv can't be imported."),
        (b"Hello\nthere\n", "No rows with a date and an amount were found"),
        (b"a\x00b,1\n", "x.csv"),
    ],
)
def test_what_is_no_statement_is_refused(
    content: bytes, sentence: str, stores: Stores, anna: Profile
) -> None:
    seen = look(anna, of_costs("x.csv", content))
    assert seen.trial is None
    assert sentence in str(seen.problem)
    with pytest.raises(InvalidInput):
        import_upload(stores, anna, of_costs("x.csv", content))
    assert ledger.listing(stores.database) == []


def test_a_file_that_is_too_large_is_told_another_way(anna: Profile) -> None:
    with pytest.raises(InvalidInput, match=r"larger than 3 MB.*manage\.py import costs FILE"):
        look(anna, of_costs("x.csv", b"x" * (upload.LARGEST + 1)))


def test_nobody_else_can_read_it(anna: Profile, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def watching(path: Path, overrides: Overrides) -> tuple[str, ...]:
        modes.extend([path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777])
        return ()

    monkeypatch.setattr(upload, "columns_of", watching)
    look(anna, of_costs("either.csv", EITHER))
    assert modes == [0o600, 0o700]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Kontoauszug März.csv", "Kontoauszug März.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\bank.csv", "bank.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        ("é" * 300 + ".csv", "é" * 98 + ".csv"),
    ],
)
def test_a_name_is_its_last_part(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(st.text())
def test_every_name_is_one_that_a_disk_takes(name: str) -> None:
    plain = plain_name(name)
    assert 0 < len(plain.encode()) <= 200
    assert not set(plain) & {"/", "\\", "\x00", "\n"}
    assert plain not in {".", ".."}


def test_a_column_whose_name_holds_what_can_not_be_stored(stores: Stores, anna: Profile) -> None:
    content = b"Date,What\x00,Amount\n01/02/2024,Lamp,-10.00\n13/02/2024,Chair,-20.50\n"
    done = import_upload(stores, anna, of_costs("caf\udce9.csv", content))
    assert done.account.places["stored"] == 2
    (kept,) = ledger.listing(stores.database)
    assert kept.file_name == "caf.csv"


def test_what_a_killed_import_left_is_swept(disk: Path) -> None:
    with upload._on_disk(of_costs("one.csv", EITHER)) as running:
        killed = disk / "platform-analytics-upload-killed"
        killed.mkdir()
        (killed / "two.csv").write_bytes(EITHER)
        long_ago = (now() - timedelta(days=2)).timestamp()
        os.utime(killed, (long_ago, long_ago))
        assert upload.sweep(now()) == 1
        assert running.exists()
        assert not killed.exists()
        assert upload.sweep(now()) == 0
