"""The account at the end of an import: every line in exactly one place."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from models.errors import InvalidInput
from services.export import text, unguarded
from services.imports.rejected import Rejected


@dataclass
class Account:
    """`places` counts the lines by what became of them; `notes` says what was decided on the way.
    `rejected_file` is where the rejected lines are listed, None when there are none."""

    places: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    import_id: UUID | None = None
    rejected_file: Path | None = None

    @property
    def lines(self) -> int:
        """How many lines the file had, as far as they mean something."""
        return self.places.total()

    def as_json(self) -> dict[str, Any]:
        """The account with its import's id."""
        return {
            "import": str(self.import_id) if self.import_id else None,
            "lines": self.lines,
            "places": dict(self.places),
            "notes": list(self.notes),
            "rejectedFile": str(self.rejected_file) if self.rejected_file else None,
        }


@contextmanager
def rejects(account: Account, source: Path) -> Iterator["Rejects"]:
    """Lists rejected lines in `<source>.rejected.csv`, which is made when the first one comes."""
    listed = Rejects(account, source.with_name(source.name + ".rejected.csv"))
    try:
        yield listed
    finally:
        listed.close()


def rejected_lines(account: Account, most: int) -> Iterator[Rejected]:
    """The first `most` lines of the account's file of rejected lines."""
    if account.rejected_file is not None:
        with account.rejected_file.open(encoding="utf-8", newline="") as file:
            for row in islice(csv.DictReader(file), most):
                yield Rejected(int(row["line"]), unguarded(row["reason"]), unguarded(row["text"]))


class Rejects:
    """The file of rejected lines."""

    def __init__(self, account: Account, path: Path):
        self._account = account
        self._path = path
        self._file: Any = None
        self._writer: Any = None

    def add(self, rejected: Rejected) -> None:
        """Counts the line as rejected and lists it with its reason."""
        if self._file is None:
            try:
                self._file = self._path.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise InvalidInput(
                    f"The rejected lines can't be listed in {self._path}: {error.strerror}. "
                    "Put the file into a folder that can be written to."
                ) from error
            self._writer = csv.writer(self._file, lineterminator="\r\n")
            self._writer.writerow(["line", "reason", "text"])
            self._account.rejected_file = self._path
        self._writer.writerow([rejected.line, text(rejected.reason), text(rejected.text)])
        self._account.places["rejected"] += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
