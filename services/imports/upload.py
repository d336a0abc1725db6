"""Statements that come through the browser: looked at first, then imported, and never left on disk."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Literal
from uuid import UUID

from models.errors import InvalidInput
from models.stores import Stores
from services import aside
from services.imports.account import Account, rejected_lines
from services.imports.costs import import_costs
from services.imports.statements import Overrides, Rejected, columns_of, read
from services.imports.transactions import import_transactions
from services.imports.trial import LISTED, Trial, try_costs, try_transactions
from services.profiles import Profile

LARGEST = 3_000_000
"""Bytes. As base64 in a request, with all that goes beside it, it stays below the largest body."""

Report = Callable[[int, int], None]

_TRY = {"costs": try_costs, "transactions": try_transactions}
_IMPORT = {"costs": import_costs, "transactions": import_transactions}
_LONGEST_NAME = 200
_FOLDER = "platform-analytics-upload-"
_LEFT = timedelta(days=1)
"""After which a folder is nobody's any more: who made it was killed."""
_NO_NAME = re.compile(r"[\x00-\x1f\x7f]|.*[/\\]", re.DOTALL)


@dataclass(frozen=True)
class Upload:
    """A file and what was told about it. `choice` is the category of costs that name none, or the type of
    transactions."""

    kind: Literal["costs", "transactions"]
    name: str
    content: bytes
    choice: str
    overrides: Overrides


@dataclass(frozen=True)
class Look:
    """A file looked at: the names of its columns, and what an import would book; or, in place of that,
    what is wrong or has to be told, whose pointers are fields of Overrides or columns of ours."""

    columns: tuple[str, ...]
    trial: Trial | None
    problem: InvalidInput | None = None


@dataclass(frozen=True)
class Imported:
    """An import's account, the first of the lines that it could not take, and the earliest and the latest
    day of the rows that it could."""

    account: Account
    rejected: tuple[Rejected, ...]
    first: date | None = None
    last: date | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it, as `of_json` reads it."""
        account = self.account
        return {
            "import": account.import_id and str(account.import_id),
            "places": dict(account.places),
            "notes": list(account.notes),
            "rejected": [asdict(line) for line in self.rejected],
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Imported":
        """What `as_json` wrote; the file of its rejected lines is gone."""
        import_id = told["import"] and UUID(told["import"])
        first, last = (told[day] and date.fromisoformat(told[day]) for day in ("first", "last"))
        lines = tuple(Rejected(**line) for line in told["rejected"])
        return cls(Account(Counter(told["places"]), list(told["notes"]), import_id), lines, first, last)


def look(profile: Profile, upload: Upload) -> Look:
    """What an import of the file would do. Stores nothing."""
    return aside.run(_look, profile, upload)


def _look(profile: Profile, upload: Upload) -> Look:
    with _on_disk(upload) as path:
        columns = columns_of(path, upload.overrides)
        try:
            statement = read(path, upload.overrides, profile.currency)
            return Look(columns, _TRY[upload.kind](profile, path, statement, upload.choice))
        except InvalidInput as problem:
            return Look(columns, None, problem)


def import_upload(
    stores: Stores, profile: Profile, upload: Upload, report: Report = lambda done, total: None
) -> Imported:
    """Imports the file; `report` is told how many of its lines are through, of how many (of 0 while the
    file is read for the first time), and what it raises takes the import back.

    Raises InvalidInput, and has stored nothing then.
    """
    with _on_disk(upload) as path:
        statement = read(path, upload.overrides, profile.currency)
        seen = _TRY[upload.kind](profile, path, statement, upload.choice, lambda rows: report(0, 0))
        lines = seen.rows + seen.account.lines
        report(0, lines)
        account = _IMPORT[upload.kind](
            stores, profile, path, statement, upload.choice, lambda done: report(min(done, lines), lines)
        )
        return Imported(account, tuple(rejected_lines(account, LISTED)), seen.first, seen.last)


@contextmanager
def _on_disk(upload: Upload) -> Iterator[Path]:
    """The file under its own name in a private folder of its own, which goes when the block ends, with
    everything that was written beside the file."""
    name = plain_name(upload.name)
    if len(upload.content) > LARGEST:
        raise InvalidInput(too_large(name, upload.kind))
    with TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / name
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(upload.content)
        yield path


def sweep(at: datetime) -> int:
    """Removes the folders of imports that were killed; returns how many."""
    removed = 0
    for folder in Path(gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):
            known = folder.lstat()
            if known.st_uid == os.getuid() and known.st_mtime < (at - _LEFT).timestamp():
                shutil.rmtree(folder)
                removed += 1
    return removed


def too_large(name: str, kind: str) -> str:
    """The sentence for a file that is larger than a browser may send."""
    return (
        f"{name} is larger than {LARGEST // 1_000_000} MB, which is the most that can be sent from here. "
        f"Where the product runs there is no such limit: manage.py import {kind} FILE --profile ID"
    )


def plain_name(name: str) -> str:
    """The last part of a file's name, free of what no name may hold and short enough for every disk."""
    last = _NO_NAME.sub("", name).strip()
    cut = last.encode("utf-8", "ignore")[-_LONGEST_NAME:].decode("utf-8", "ignore")
    return cut if cut.strip(". ") else "file"
