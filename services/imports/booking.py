"""What the imports of income and of costs share: the rows of a statement with lasting ids, in batches."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from models.errors import AppError
from models.ids import derived_id
from models.stores import Stores
from services.imports.account import Account, Rejects, rejects
from services.imports.ledger import importing
from services.imports.statements import Rejected, Row, Skipped, Statement
from services.profiles import Profile

T = TypeVar("T")
Progress = Callable[[int], None]

BATCH = 2_000


@contextmanager
def booking(
    stores: Stores, profile: Profile, kind: str, path: Path, statement: Statement, account: Account
) -> Iterator[tuple[UUID, Rejects]]:
    """An import of the statement: its id, and where its rejected lines go."""
    layout = statement.layout
    described = {"encoding": layout.encoding, "delimiter": layout.delimiter, "mapping": layout.mapping}
    account.notes.extend(layout.notes)
    with (
        rejects(account, path) as rejected,
        importing(stores, profile, kind, path.name, described, account.places) as import_id,
    ):
        account.import_id = import_id
        yield import_id, rejected


def transactions_of(statement: Statement, account: Account, rejected: Rejects) -> Iterator[tuple[Row, UUID]]:
    """The rows that are transactions, each with the id it has whenever this file, or one that overlaps
    it, is read: from what it says, and how often a row had said the same before. The others find
    their place in the account."""
    seen: Counter[bytes] = Counter()
    for row in statement:
        if isinstance(row, Skipped):
            account.places["no transaction"] += 1
        elif isinstance(row, Rejected):
            rejected.add(row)
        elif row.amount is None:
            account.places["without an amount"] += 1
        elif row.status == "failed":
            account.places["failed"] += 1
        else:
            said = _said(row)
            digest = blake2b(said.encode("utf-8", "replace"), digest_size=8).digest()
            yield row, derived_id("statement", said, str(seen[digest]))
            seen[digest] += 1


def _said(row: Row) -> str:
    if row.reference:
        return "\x1f".join((row.reference, str(row.amount), row.currency))
    when = str(row.at or row.date)
    return "\x1f".join((when, str(row.amount), row.currency, row.description, row.counterparty or ""))


def checked(row: Row, make: Callable[[], T]) -> T | Rejected:
    """What `make` makes of the row, or why the row can't be taken."""
    try:
        return make()
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = "/".join(map(str, found["loc"]))
        return reject(row, f"{place}: {found['msg'].removeprefix('Value error, ')}")
    except AppError as error:
        return reject(row, str(error))


def reject(row: Row, reason: str) -> Rejected:
    """The row as a line of the file of rejects."""
    shown = (str(row.date or ""), str(row.amount), row.currency, row.description)
    return Rejected(row.line, reason, " ".join(part for part in shown if part))


def moment(profile: Profile, row: Row) -> datetime | date:
    """When it was: the instant where the file gives one, else the day. Rows have one of them."""
    if row.at is None:
        assert row.date is not None
        return row.date
    return (row.at if row.at.tzinfo else row.at.replace(tzinfo=profile.tz)).astimezone(UTC)


def cut(text: str | None) -> str | None:
    """A text that fits its column, None when there is none."""
    return (text or "").strip()[:200].strip() or None


class Batches(Generic[T]):
    """Hands what is added to `store` in batches; `flush` hands over the rest."""

    def __init__(self, store: Callable[[list[T]], None]):
        self._store = store
        self._items: list[T] = []

    def add(self, item: T) -> None:
        self._items.append(item)
        if len(self._items) == BATCH:
            self.flush()

    def flush(self) -> None:
        if self._items:
            self._store(self._items)
            self._items = []
