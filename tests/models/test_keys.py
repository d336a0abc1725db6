import resource
import stat
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from models.errors import CannotStart, Unavailable
from models.keys import Keys


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    first = Keys(folder)
    assert len(first.session) >= 48
    assert len({first.session, first.jwt, first.secret("x")}) == 3
    assert (Keys(folder).session, Keys(folder).jwt) == (first.session, first.jwt)
    assert sorted(file.name for file in folder.iterdir()) == ["jwt", "session", "x"]
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_key_that_is_given_goes_before_the_file(tmp_path: Path) -> None:
    made = Keys(tmp_path).session
    assert Keys(tmp_path, session="g" * 40).session == "g" * 40
    assert Keys(tmp_path, session="").session == made
    assert Keys(tmp_path / "none", "s" * 40, "j" * 40).jwt == "j" * 40
    assert not (tmp_path / "none").exists()


def test_visitors_have_another_key_every_quarter(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    ends = [(1, 1, 3, 31), (4, 1, 6, 30), (7, 1, 9, 30), (10, 1, 12, 31)]
    quarters = []
    for month, day, last_month, last_day in ends:
        first = keys.visitor(datetime(2026, month, day, tzinfo=UTC))
        assert first == keys.visitor(datetime(2026, last_month, last_day, 23, 59, tzinfo=UTC))
        quarters.append(first)
    assert len({*quarters, keys.visitor(datetime(2027, 1, 1, tzinfo=UTC))}) == 5


def test_of_many_who_start_at_once_all_have_the_same_key(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(Keys(tmp_path).session)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["session"]


@pytest.mark.parametrize("content", ["", "short"])
def test_a_damaged_key_is_not_replaced_silently(tmp_path: Path, content: str) -> None:
    (tmp_path / "jwt").write_text(content)
    with pytest.raises(CannotStart, match="is damaged; restore it from a backup"):
        _ = Keys(tmp_path).jwt
    assert (tmp_path / "jwt").read_text() == content


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="can't be read or made"):
        _ = Keys(tmp_path / "file").jwt


def test_a_new_quarter_on_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Nothing is stored until its key can be kept, and no try leaves anything behind."""
    keys = Keys(tmp_path / "keys")
    before = keys.visitor(datetime(2026, 9, 30, tzinfo=UTC))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        assert keys.visitor(datetime(2026, 9, 30, tzinfo=UTC)) == before
        for _ in range(2):
            with pytest.raises(Unavailable, match="Nothing was stored"):
                keys.visitor(datetime(2026, 10, 1, tzinfo=UTC))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["visitor-2026q3"]
    assert keys.visitor(datetime(2026, 10, 1, tzinfo=UTC)) != before
