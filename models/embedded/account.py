"""The user that the engines run as: PostgreSQL refuses root, so root lends them another one."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from models.errors import CannotStart

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def engine_account(folder: Path) -> Account | None:
    """The user to run as, None for the present one. As root that is the owner of `folder` when it
    exists (it stays the same for good), else `postgres` or `nobody`.

    Raises CannotStart when there is no such user, or `folder` belongs to somebody else.
    """
    owner = folder.stat().st_uid if folder.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise CannotStart(f"{folder} belongs to another user; run as that one or choose another place.")
        return None
    if owner:
        return _by_uid(owner)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart("PostgreSQL can't run as root, and there is no user postgres or nobody to run it as.")


def require_passage(account: Account, folder: Path) -> None:
    """Raises CannotStart when `account` can't enter `folder` or one of its parents."""
    for place in (folder, *folder.parents):
        status = place.stat()
        if status.st_uid == account.uid:
            passes = status.st_mode & 0o100
        elif status.st_gid == account.gid:
            passes = status.st_mode & 0o010
        else:
            passes = status.st_mode & 0o001
        if not passes:
            raise CannotStart(
                f"PostgreSQL can't run as root, and the user {account.name} it runs as can't enter {place}. "
                "Set PLATFORM_ANALYTICS_DATA_DIR to a place it can, such as /var/lib/platform-analytics."
            )


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(f"number {uid}", uid, uid)
    return Account(entry.pw_name, uid, entry.pw_gid)
