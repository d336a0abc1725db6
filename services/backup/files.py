"""Folders of the data directory that are replaced as a whole, or left as they were."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import private
from models.errors import CannotStart
from services.backup.archive import Reader


@contextmanager
def replaced(folder: Path, reader: Reader, members: list[str]) -> Iterator[None]:
    """For the length of the block, and for good when it ends without an error, `folder` holds the archive's
    members of that name and nothing else; otherwise it is what it was. Without members it is left alone.
    Raises CannotStart."""
    if not members:
        yield
        return
    before = folder.with_name(f"{folder.name}.before")
    try:
        draft = _draft(folder, reader, members)
        _put_back(folder, before)
        if folder.exists():
            folder.rename(before)
        draft.rename(folder)
    except OSError as error:
        raise CannotStart(f"{folder} can't be written: {error.strerror}; nothing was restored.") from error
    try:
        yield
    except BaseException:
        shutil.rmtree(folder)
        if before.exists():
            before.rename(folder)
        raise
    if before.exists():
        # At once, before it is removed piece by piece: what lies there under the first name is put back.
        shutil.rmtree(gone := folder.with_name(f"{folder.name}.replaced"), ignore_errors=True)
        before.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _draft(folder: Path, reader: Reader, members: list[str]) -> Path:
    draft = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    private.make_folder(folder.parent)
    private.make_folder(draft)
    for member in members:
        path = draft / member.partition("/")[2]
        private.make_folder(path.parent)
        with os.fdopen(private.create(path, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            for piece in reader.pieces(member):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    return draft


def _put_back(folder: Path, before: Path) -> None:
    """What a restore that was killed had put aside."""
    if before.exists():
        shutil.rmtree(folder, ignore_errors=True)
        before.rename(folder)
