"""Files that only their owner can read."""

import os
from pathlib import Path
from typing import IO


def make_folder(path: Path) -> None:
    """Makes the folder, open to the owner of the folder that it is in and to nobody else. Raises OSError."""
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        above = path.parent.stat()
        os.chown(path, above.st_uid, above.st_gid)


def write(path: Path, content: str) -> None:
    """Replaces the file by `content` as a whole, readable by its owner only. Raises OSError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = create(draft, os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except OSError:
        # On a full disk every try would leave one behind.
        draft.unlink(missing_ok=True)
        raise


def create(path: Path, flags: int) -> int:
    """Opens a file that only the owner of its folder can read, and makes it if need be. Raises OSError."""
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    if os.geteuid() == 0:
        # A command that root runs in another user's data directory leaves nothing that locks that user out.
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def append(path: Path) -> IO[bytes]:
    """Opens a log to append to, readable by its owner only. Raises OSError."""
    return os.fdopen(create(path, os.O_WRONLY | os.O_APPEND), "ab")
