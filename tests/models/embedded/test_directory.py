"""A data directory that can't be used is refused with a sentence, and left as it was."""

import json
from pathlib import Path

import pytest

from models.embedded import engines
from models.embedded.account import Account, require_passage
from models.embedded.directory import password
from models.errors import CannotStart


def refused(data_dir: Path, *parts: str) -> None:
    with pytest.raises(CannotStart) as caught, engines(data_dir):
        pass
    for part in (str(data_dir), *parts):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    refused(tmp_path / "data", "can't be used", "PLATFORM_ANALYTICS_DATA_DIR")
    assert (tmp_path / "data").read_text() == "mine"


def test_a_file_in_its_parent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "data", "Not a directory")


def test_a_file_system_that_takes_no_files() -> None:
    # /proc refuses even root, as a read-only disk does.
    refused(Path("/proc/self/task"), "can't be used")


@pytest.mark.parametrize("version", [{"layout": 2, "postgresql": 18}, {"layout": 1, "postgresql": 19}])
def test_a_newer_version_made_it(tmp_path: Path, version: dict[str, int]) -> None:
    (tmp_path / "version").write_text(json.dumps(version))
    refused(tmp_path, "newer version")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["version"]


def test_an_older_postgresql_made_it(tmp_path: Path) -> None:
    (tmp_path / "version").write_text(json.dumps({"layout": 1, "postgresql": 17}))
    refused(tmp_path, "PostgreSQL 17", "PostgreSQL 18", "backup")


@pytest.mark.parametrize("content", ["", "18", '{"layout": "1"}', "{"])
def test_a_version_that_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "version").write_text(content)
    refused(tmp_path, "can't be understood")


def test_a_lost_password(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(CannotStart, match=r"engines\.password is missing"):
        password(tmp_path)


def test_a_place_that_the_engines_user_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(CannotStart, match=f"can't enter {closed}"):
        require_passage(Account("somebody", 54321, 54321), closed / "data")
