"""Files to import, in a folder of the test's own."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a text under a name and returns where it is."""

    def write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def real(tmp_path: Path) -> Callable[[str], Path]:
    """A real file of tests/data, unpacked."""

    def unpack(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
        return path

    return unpack
