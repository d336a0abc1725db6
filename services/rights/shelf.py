"""Archives that wait to be fetched: one for each profile, in a private folder of the data directory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from models import private
from models.errors import NotFound, Unavailable
from models.stores import Stores

KEPT = timedelta(days=7)
"""How long an archive waits; a newer one replaces it before."""


@dataclass(frozen=True)
class Archive:
    """One that can be fetched: when it was made and until when it is kept (aware UTC), and its bytes."""

    path: Path
    made_at: datetime
    until: datetime
    bytes: int


@contextmanager
def placing(stores: Stores, profile_id: UUID) -> Iterator[IO[bytes]]:
    """A file to write the archive to; when the block ends it replaces the one before, readable by its owner
    only. A block that raises leaves that one as it was. Raises Unavailable when the disk does not take it."""
    path = _path(stores, profile_id)
    draft = path.with_suffix(".part")
    try:
        private.make_folder(path.parent)
        descriptor = private.create(draft, os.O_RDWR | os.O_TRUNC)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except OSError as error:
        raise Unavailable(f"The archive can't be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def ready(stores: Stores, profile_id: UUID, at: datetime) -> Archive | None:
    """The archive of the profile that can be fetched, None when there is none (any more)."""
    found = _archive(_path(stores, profile_id))
    return found if found is not None and at < found.until else None


def fetched(stores: Stores, profile_id: UUID, at: datetime) -> Archive:
    """The same; raises NotFound."""
    found = ready(stores, profile_id, at)
    if found is None:
        raise NotFound("There is no export to fetch; ask for one in the settings of the profile.")
    return found


def remove(stores: Stores, profile_id: UUID) -> None:
    """Removes whatever there is of the profile."""
    path = _path(stores, profile_id)
    for each in (path, path.with_suffix(".part")):
        each.unlink(missing_ok=True)


def sweep(stores: Stores, at: datetime) -> int:
    """Removes what has waited too long, and what broke off; returns how many files that were."""
    removed = 0
    for path in stores.exports.glob("*"):
        found = _archive(path)
        if found is not None and at >= found.until:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _path(stores: Stores, profile_id: UUID) -> Path:
    return stores.exports / f"{profile_id}.zip"


def _archive(path: Path) -> Archive | None:
    try:
        known = path.stat()
    except OSError:
        return None
    made_at = datetime.fromtimestamp(known.st_mtime, UTC)
    return Archive(path, made_at, made_at + KEPT, known.st_size)
