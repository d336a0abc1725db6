"""Who runs the engines of a data directory, and who else is using them: two locked files.

`owner.lock` is held by the process that runs them; it says who that is. `users.lock` is shared by
those that attached, so that a short-lived owner can wait for them before it stops the engines.
The kernel drops both when their holder dies, however it dies.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from models import private
from models.embedded import directory
from models.errors import CannotStart


@dataclass(frozen=True)
class Owner:
    """The process that runs the engines: a server, or a command with `purpose`."""

    pid: int
    server: bool
    purpose: str


class Lock:
    """An advisory lock on a file, given back when the process ends."""

    def __init__(self, path: Path):
        self._path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Takes the lock if it can be had at once; says whether it could. Raises CannotStart."""
        try:
            descriptor = private.create(self._path, os.O_RDWR)
        except OSError as error:
            raise directory.unusable(self._path.parent, error) from error
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def note(self, content: str) -> None:
        """Writes who holds it."""
        assert self._descriptor is not None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content.encode(), 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def own(data_dir: Path, owner: Owner) -> Lock | None:
    """The lock that makes `owner` the one, or None when another process is. Raises CannotStart."""
    lock = Lock(data_dir / "owner.lock")
    if not lock.take():
        return None
    lock.note(json.dumps(asdict(owner)))
    return lock


def users(data_dir: Path) -> Lock:
    """Held shared by attached processes; whole when there are none."""
    return Lock(data_dir / "users.lock")


def present_owner(data_dir: Path) -> Owner | None:
    """The live owner, or None. Looks without disturbing anybody."""
    path = data_dir / "owner.lock"
    with _opened(path) as descriptor:
        if descriptor is None:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            noted = directory.read_json(path)
            return Owner(**noted) if noted else None
        return None


def refuse_second_server(data_dir: Path) -> None:
    """Raises CannotStart when a server runs on `data_dir` already."""
    owner = present_owner(data_dir)
    if owner and owner.server:
        raise CannotStart(
            f"Already running (process {owner.pid}) at {owner.purpose}, with data in {data_dir}."
        )


def announce_leaving(data_dir: Path) -> None:
    """A server says that it is about to stop: from now on the next one waits for it and is not refused."""
    me = present_owner(data_dir)
    if me is not None and me.pid == os.getpid():
        leaving = Owner(me.pid, False, f"the stopping server at {me.purpose}")
        (data_dir / "owner.lock").write_text(json.dumps(asdict(leaving)))


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
