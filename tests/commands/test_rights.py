"""profiles export and delete, visitors delete."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

from models.clock import now
from models.stores import Stores
from services import rollups
from services.ingest import events
from services.ingest.inputs import Event
from services.rights import deletion
from tests.commands.conftest import Ran

Run = Callable[..., Ran]


def visits(run: Run, stores: Stores, profile: str, tmp_path: Path) -> None:
    """Two visitors, under the keys that commands use."""
    keyed = Stores(stores.database, stores.redis, type(stores.keys)(tmp_path / "data" / "keys"))
    told = [
        Event(profile_id=profile, event_type=kind, visitor_id=who)
        for who in ("emma", "max")
        for kind in ("view", "click")
    ]
    events.store(keyed, told, now())


def test_an_export_is_written_for_its_owner_alone(run: Run, profile: str, tmp_path: Path) -> None:
    path = tmp_path / "anna.zip"
    made = run("profiles", "export", profile, str(path))
    assert (made.status, made.out) == (0, f"{path}: 3 rows\n")
    assert path.stat().st_mode & 0o777 == 0o600
    with ZipFile(path) as opened:
        assert profile in opened.read("profiles.csv").decode()
    files = json.loads(run("profiles", "export", profile, str(path), "--json").out)
    assert next(each["rows"] for each in files if each["name"] == "profiles.csv") == 1
    assert run("profiles", "export", profile, str(tmp_path / "no" / "x.zip")).status == 1
    stranger = run("profiles", "export", "0192e4a4-0000-7000-8000-000000000001", str(path))
    assert (stranger.status, stranger.err) == (1, "There is no such profile.\n")


def test_what_an_export_holds_is_described(run: Run) -> None:
    assert "## transactions.csv" in run("profiles", "columns").out


def test_a_profile_goes_when_its_name_is_typed(run: Run, profile: str, stores: Stores) -> None:
    wrong = run("profiles", "delete", profile, stdin="anna\n")
    assert (wrong.status, wrong.out) == (1, "")
    assert "Nothing was deleted." in wrong.err
    gone = run("profiles", "delete", profile, stdin="Anna\n")
    assert (gone.status, gone.out) == (0, f"deleted: {profile}\n")
    assert run("profiles", "list", "--json").out == "[]\n"
    assert run("profiles", "delete", profile, "--yes").status == 1
    assert deletion.carry_out(stores, now() + deletion.SETTLED) == 1


def test_a_visitor_is_looked_for_first_and_deleted_then(
    run: Run, profile: str, stores: Stores, tmp_path: Path
) -> None:
    visits(run, stores, profile, tmp_path)
    ask = ("visitors", "delete", "--profile", profile, "--visitor-id", "emma", "--json")
    for arguments, deleted in ((("--dry-run",), False), ((), True)):
        answer = run(*ask, *arguments)
        assert answer.status == 0, answer.err
        told = json.loads(answer.out)
        assert (told["events"], told["deleted"]) == (2, deleted)
    assert json.loads(run(*ask).out)["events"] == 0
    assert run("visitors", "delete", "--profile", profile).status == 1
    assert run("verify", "--profile", profile).status == 0
    assert rollups.verify(stores.database, UUID(profile)) == []
