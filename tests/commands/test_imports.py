"""manage.py import."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Ran

Run = Callable[..., Ran]
EXPORT = (
    "Datum;Name;Betrag;Währung\n"
    "03.04.2026;Ben;1.250,50;EUR\n"
    "04.04.2026;Kamera;-99,90;EUR\n"
    "17.04.2026;Cleo;10,00;USD\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A German bank's export in an old encoding."""
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode("windows-1252"))
    return path


def test_a_dry_run_tells_how_the_file_is_read(run: Run, profile: str, export: Path) -> None:
    ran = run("import", "transactions", str(export), "--profile", profile, "--dry-run", "--json")
    answer = json.loads(ran.out)
    assert answer["delimiter"] == ";"
    assert answer["headerLine"] == 1
    assert answer["mapping"]["amount"] == "Betrag"
    assert answer["rows"] == 3
    assert answer["sums"] == {"EUR": "1150.60", "USD": "10.00"}
    assert answer["positive"] == {"EUR": "1250.50", "USD": "10.00"}
    assert answer["negative"] == {"EUR": "-99.90"}
    assert (answer["from"], answer["to"]) == ("2026-04-03", "2026-04-17")
    assert answer["rejected"] == []
    assert json.loads(run("import", "list", "--json").out) == []


def test_an_import_is_accounted_for_listed_and_undone(run: Run, profile: str, export: Path) -> None:
    income = json.loads(
        run("import", "transactions", str(export), "--profile", profile, "--type", "gift", "--json").out
    )
    assert income["places"]["stored"] == 2
    spent = json.loads(run("import", "costs", str(export), "--profile", profile, "--json").out)
    assert spent["places"]["stored"] == 1
    listed = json.loads(run("import", "list", "--json").out)
    assert [each["kind"] for each in listed] == ["costs", "transactions"]
    assert run("import", "undo", income["import"], "--json").out.strip().endswith('"removed": 2}')
    assert run("import", "undo", income["import"]).status == 1
    assert run("verify").status == 0


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (("--map", "nonsense"), 2, "is not OURS=THEIRS"),
        (("--map", "amount=Price"), 1, "Price"),
        (("--currency", "QQQ"), 1, "There is no currency 'QQQ'"),
        (("--type", "loan"), 2, "loan"),
        (("--encoding", "klingon"), 1, "klingon"),
    ],
)
def test_what_cannot_be_is_said(
    run: Run, profile: str, export: Path, options: tuple[str, ...], status: int, sentence: str
) -> None:
    refused = run("import", "transactions", str(export), "--profile", profile, *options)
    assert (refused.status, refused.out) == (status, "")
    assert sentence in refused.err
    assert json.loads(run("import", "list", "--json").out) == []


def test_an_unknown_profile_is_said(run: Run, export: Path) -> None:
    refused = run("import", "transactions", str(export), "--profile", "0192e4a4-0000-7000-8000-000000000009")
    assert (refused.status, refused.err) == (1, "There is no such profile.\n")


def test_an_access_log_is_accounted_for(run: Run, profile: str, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        '192.0.2.1 - - [01/Mar/2026:10:00:00 +0100] "GET /anna HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
        '192.0.2.1 - - [01/Mar/2026:10:00:01 +0100] "GET /other HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
        "nonsense\n"
    )
    ran = run("import", "access-log", str(log), "--profile", profile, "--pages", "^/anna", "--json")
    places = json.loads(ran.out)["places"]
    assert {place: count for place, count in places.items() if count} == {
        "stored": 1, "not a page": 1, "rejected": 1,
    }  # fmt: skip
    assert (tmp_path / "access.log.rejected.csv").exists()
    bad = run("import", "access-log", str(log), "--profile", profile, "--pages", "(")
    assert bad.status == 1
