"""The data directory: made, checked, and marked with the version that wrote it."""

import json
import os
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from models import private
from models.embedded.binaries import POSTGRES_MAJOR
from models.errors import CannotStart

LAYOUT = 1
_VERSION = "version"
_LOG_BYTES = 5_000_000
_PASSWORD = "engines.password"  # noqa: S105  # the name of a file


def prepare(data_dir: Path) -> None:
    """Makes `data_dir` (0700; as root 0711, so that the engines' user gets through) if it is missing.

    Raises CannotStart when that fails, when it can't be written, or when a newer version made it.
    """
    try:
        if not data_dir.is_dir():
            data_dir.mkdir(parents=True)
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        probe = data_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unusable(data_dir, error) from error
    _check_version(data_dir)


def mark(data_dir: Path) -> None:
    """Notes the layout and PostgreSQL's major version. Raises OSError."""
    private.write(data_dir / _VERSION, json.dumps({"layout": LAYOUT, "postgresql": POSTGRES_MAJOR}) + "\n")


def password(data_dir: Path) -> str:
    """The engines' password, made at first use. Raises OSError, CannotStart when it was lost."""
    path = data_dir / _PASSWORD
    if not path.exists():
        if (data_dir / "postgres").exists():
            raise CannotStart(f"{path} is missing, the password of the database beside it; restore a backup.")
        private.write(path, token_urlsafe(24))
    return path.read_text(encoding="ascii").strip()


def keep_short(log: Path) -> None:
    """Puts a log of more than 5 MB aside, in place of the one that was put aside before."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None when there is none or it is not one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def unusable(data_dir: Path, error: OSError) -> CannotStart:
    """The sentence for a data directory that can't be made or written."""
    return CannotStart(
        f"The data directory {data_dir} can't be used: {error.strerror or error}. "
        "Choose another one with PLATFORM_ANALYTICS_DATA_DIR."
    )


def _check_version(data_dir: Path) -> None:
    path = data_dir / _VERSION
    if not path.exists():
        return
    found = read_json(path) or {}
    layout, major = found.get("layout"), found.get("postgresql")
    if not isinstance(layout, int) or not isinstance(major, int):
        raise CannotStart(f"{path} can't be understood, so it is not known which version wrote {data_dir}.")
    if layout > LAYOUT or major > POSTGRES_MAJOR:
        raise CannotStart(
            f"The data directory {data_dir} was made by a newer version of this product. "
            "Start that version, or choose another directory with PLATFORM_ANALYTICS_DATA_DIR."
        )
    if major < POSTGRES_MAJOR:
        raise CannotStart(
            f"The data directory {data_dir} holds PostgreSQL {major} data, this version brings PostgreSQL "
            f"{POSTGRES_MAJOR}. Make a backup with the version that wrote it and restore it with this one."
        )
