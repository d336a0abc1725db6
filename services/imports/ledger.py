"""What was imported: each import has an id, an account of its lines, and can be undone as a whole."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, insert, select, true, update

from models.clock import now
from models.database import Database, Transaction
from models.errors import Conflict, NotFound, Unavailable
from models.ids import new_id
from models.schema import imports
from models.stores import Stores
from services import audit, costs, profiles
from services.ingest import events, revision
from services.profiles import Profile

I = imports.c  # noqa: E741  # the columns, like everywhere else


@dataclass(frozen=True)
class Import:
    """One import. `counts` has every line of the file in exactly one place."""

    import_id: UUID
    profile_id: UUID
    kind: str
    file_name: str
    status: str
    counts: Mapping[str, int]
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


@contextmanager
def importing(
    stores: Stores,
    profile: Profile,
    kind: str,
    file_name: str,
    layout: Mapping[str, Any],
    counts: Mapping[str, int],
) -> Iterator[UUID]:
    """The id of a new import; `counts` is read when the block ends. What a block that raises has
    stored until then is taken back: nothing is left half-written."""
    mend(stores.database)
    import_id = new_id()
    row = {
        "profile_id": profile.profile_id,
        "import_id": import_id,
        "kind": kind,
        "file_name": _storable(file_name)[-200:],
        "status": "running",
        "layout": _storable(dict(layout)),
        "started_at": now(),
    }
    try:
        # Held for as long as this import lives: who finds it free knows that the import broke off.
        with stores.database.transaction() as alive:
            alive.try_lock(import_id)
            with stores.database.transaction() as tx:
                tx.run(insert(imports).values(row))
            yield import_id
            finished = {"status": "done", "counts": dict(counts), "finished_at": now()}
            # With the same commit that lets go of the lock.
            _set(alive, profile.profile_id, import_id, **finished)
            audit.note(
                alive, profile.profile_id, "import-made", None, file_name, {**counts, **_id(import_id)}
            )
    except Unavailable as error:
        raise type(error)(
            f"{error} What this import had stored is taken back with the next start or the next import."
        ) from error
    except BaseException:
        with stores.database.transaction() as tx:
            _break_off(tx, profile, kind, import_id)
        raise


def mend(database: Database) -> int:
    """Takes back what imports stored whose process has died; returns how many imports that were."""
    mended = 0
    for broken in [each for each in listing(database) if each.status == "running"]:
        # A profile that was deleted meanwhile takes its imports along.
        with suppress(NotFound), database.transaction() as tx:
            # It may have ended between the two looks.
            if tx.try_lock(broken.import_id) and _status(tx, broken) == "running":
                _break_off(tx, profiles.get(tx, broken.profile_id), broken.kind, broken.import_id)
                mended += 1
    return mended


def listing(database: Database, profile_id: UUID | None = None) -> list[Import]:
    """Every import, or those of one profile; the newest first."""
    statement = select(imports).where(_of(profile_id)).order_by(I.started_at.desc())
    with database.transaction() as tx:
        return [_import(row) for row in tx.rows(statement)]


def find(database: Database, import_id: UUID, profile_id: UUID | None = None) -> Import:
    """The import, among those of the profile when one is given; raises NotFound."""
    with database.transaction() as tx:
        row = tx.first(select(imports).where(I.import_id == import_id, _of(profile_id)))
    if row is None:
        raise NotFound(f"There is no import {import_id}.")
    return _import(row)


def undo(database: Database, import_id: UUID, profile_id: UUID | None = None) -> int:
    """Takes back all that the import stored; returns how many rows that were. A sale that it moved from
    pending to completed stays completed.

    Raises NotFound, also when a profile is given and it is another's, and Conflict when it was undone
    before or is still running.
    """
    known = find(database, import_id, profile_id)
    if known.undone_at is not None:
        raise Conflict(f"The import {import_id} was undone already.")
    with database.transaction() as tx:
        if not tx.try_lock(import_id):
            raise Conflict(f"The import {import_id} is still running; stop it, or wait for its end.")
        tx.take_time()
        profile = profiles.get(tx, known.profile_id)
        removed = _take_back(tx, profile, known.kind, import_id)
        _set(tx, known.profile_id, import_id, status="undone", undone_at=now())
        told = {"rows": removed, **_id(import_id)}
        audit.note(tx, known.profile_id, "import-undone", None, known.file_name, told)
    return removed


def _id(import_id: UUID) -> dict[str, str]:
    return {"import": str(import_id)}


def _take_back(tx: Transaction, profile: Profile, kind: str, import_id: UUID) -> int:
    return sum(take(tx, profile, import_id) for take in _TAKE_BACK[kind])


def _events(tx: Transaction, profile: Profile, import_id: UUID) -> int:
    return events.remove_import(tx, profile.profile_id, import_id, now())


def _transactions(tx: Transaction, profile: Profile, import_id: UUID) -> int:
    return revision.remove_import(tx, profile, import_id, now())


def _costs(tx: Transaction, profile: Profile, import_id: UUID) -> int:
    return costs.remove_import(tx, profile.profile_id, import_id)


_TAKE_BACK: Mapping[str, tuple[Callable[[Transaction, Profile, UUID], int], ...]] = {
    "access-log": (_events,),
    "transactions": (_transactions,),
    "costs": (_costs,),
    "demo": (_events, _transactions, _costs),
}


def _break_off(tx: Transaction, profile: Profile, kind: str, import_id: UUID) -> None:
    _take_back(tx, profile, kind, import_id)
    _set(tx, profile.profile_id, import_id, status="failed", finished_at=now())


def _status(tx: Transaction, known: Import) -> str:
    this = (I.profile_id == known.profile_id) & (I.import_id == known.import_id)
    return str(tx.value(select(I.status).where(this)))


def _storable(told: Any) -> Any:
    """What a file says of itself, as PostgreSQL can hold it: NUL and lone surrogates are written out."""
    if isinstance(told, str):
        return told.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    if isinstance(told, Mapping):
        return {_storable(name): _storable(value) for name, value in told.items()}
    return told


def _of(profile_id: UUID | None) -> ColumnElement[bool]:
    return true() if profile_id is None else I.profile_id == profile_id


def _set(tx: Transaction, profile_id: UUID, import_id: UUID, **values: Any) -> None:
    this = (I.profile_id == profile_id) & (I.import_id == import_id)
    tx.run(update(imports).where(this).values(values))


def _import(row: RowMapping) -> Import:
    return Import(**{name: row[name] for name in Import.__dataclass_fields__})
