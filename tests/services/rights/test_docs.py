"""docs/export.md describes each file and column as the code does."""

from pathlib import Path

from services.rights import holdings

DOCUMENT = Path(__file__).parents[3] / "docs" / "export.md"


def test_every_file_and_column_is_described() -> None:
    described = "\n".join(holdings.described()) + "\n"
    told = DOCUMENT.read_text(encoding="utf-8").split("# The files of an export\n", 1)[1]
    assert told == described, "run: manage.py profiles columns, and put that at the end of docs/export.md"
