"""The file of a backup: a zip whose last member, manifest.json, says what all others must be.

Everything is streamed: members are written and read by pieces, so that memory does not grow with them.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any, cast
from zipfile import ZIP_DEFLATED, BadZipFile, LargeZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import InvalidInput
from models.version import VERSION

FORMAT = 1
MANIFEST = "manifest.json"
_PIECE = 1 << 20
_LEVEL = 3
"""Of compression: a higher one takes longer than the database does, and saves a tenth."""
_LARGEST_MANIFEST = 16 << 20
# What zipfile raises where bytes are not what they were.
_DAMAGES = (
    BadZipFile, LargeZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError,
    RuntimeError, LookupError,
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Member(_Strict):
    """What a member holds, unpacked; `sha256` in hex."""

    bytes: int
    sha256: str


class Table(_Strict):
    """A table's rows, which lie in tables/NAME as PostgreSQL's COPY writes them (text, UTF-8). `partitions`
    are the months ("2026_11") of one that is divided by them."""

    columns: list[str]
    rows: int
    partitions: list[Annotated[str, Field(pattern=r"^\d{4}_(0[1-9]|1[0-2])$")]] = Field(default_factory=list)


class Manifest(_Strict):
    """What an archive is. `schema_revision` is that of the database it was taken of, `taken_at` the instant
    (aware UTC) that its tables show; `keys_given` names the keys that the operator gave by a setting, which
    are not in it; `redis` says whether the part of Redis that can't be made again is in it."""

    format: int
    product: str = VERSION
    schema_revision: str
    taken_at: datetime
    tables: dict[str, Table]
    keys_given: list[str] = Field(default_factory=list)
    redis: bool
    members: dict[str, Member] = Field(default_factory=dict)


@dataclass
class Writer:
    """Writes an archive into a binary file, member by member, the manifest last."""

    file: IO[bytes]
    members: dict[str, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._counting = _Counting(self.file)
        # It is never gone back in: what is written can go down a pipe.
        self._zip = ZipFile(cast(IO[bytes], self._counting), "w", ZIP_DEFLATED, compresslevel=_LEVEL)

    def add(self, name: str, pieces: Iterable[bytes]) -> Member:
        """Writes a member. Raises OSError."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                member.write(piece)
        self.members[name] = Member(bytes=size, sha256=digest.hexdigest())
        return self.members[name]

    def finish(self, manifest: Manifest) -> Manifest:
        """Ends the archive; returns the manifest with all members in it. Raises OSError."""
        whole = manifest.model_copy(update={"members": dict(self.members)})
        self._zip.writestr(MANIFEST, whole.model_dump_json(indent=1))
        self._zip.close()
        return whole

    def abandon(self) -> None:
        """Ends without an end: nothing more is written, not even by the garbage's collection."""
        self._counting.shut = True
        with suppress(*_DAMAGES):
            self._zip.close()

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._counting.size


class _Counting:
    """A file that is only ever added to, and how much was."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self.size = 0
        self.shut = False

    def flush(self) -> None:
        if not self.shut:
            self._file.flush()

    def write(self, piece: bytes) -> int:
        if self.shut:
            return len(piece)
        self.size += len(piece)
        return self._file.write(piece)


class Reader:
    """An archive that was checked as a whole: every member is there and is what the manifest says."""

    def __init__(self, opened: ZipFile, manifest: Manifest):
        self._zip = opened
        self.manifest = manifest

    def __contains__(self, name: str) -> bool:
        return name in self.manifest.members

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a member, by pieces."""
        return _pieces(self._zip, name)

    def under(self, folder: str) -> list[str]:
        """The names of the members in a folder."""
        return sorted(name for name in self.manifest.members if name.startswith(f"{folder}/"))


@contextmanager
def checked(path: Path) -> Iterator[Reader]:
    """The archive, after all of it was read and compared with its manifest. Raises InvalidInput with what
    is wrong with it: no archive, cut off, damaged, of a format that this version does not know."""
    try:
        opened = ZipFile(path)
    except FileNotFoundError:
        raise InvalidInput(f"There is no file {path}.") from None
    except (IsADirectoryError, PermissionError) as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from None
    except _DAMAGES:
        raise InvalidInput(f"{path} is no backup, or its end is missing; nothing was restored.") from None
    with opened:
        manifest = _manifest(opened, path)
        _compare(opened, manifest, path)
        yield Reader(opened, manifest)


def _manifest(opened: ZipFile, path: Path) -> Manifest:
    try:
        with opened.open(MANIFEST) as member:
            content: Mapping[str, Any] = json.loads(member.read(_LARGEST_MANIFEST))
        version = content["format"]
    except (*_DAMAGES, TypeError):
        raise InvalidInput(f"{path} is no backup: it has no manifest that can be read.") from None
    if version != FORMAT:
        raise InvalidInput(
            f"{path} is a backup of format {version}, this version reads format {FORMAT}; "
            "restore it with the version that made it, or a newer one."
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError:
        raise InvalidInput(f"{path} is damaged: its manifest does not make sense.") from None


def _compare(opened: ZipFile, manifest: Manifest, path: Path) -> None:
    names = [name for name in opened.namelist() if name != MANIFEST]
    if sorted(names) != sorted(manifest.members):
        raise InvalidInput(f"{path} is damaged: its members are not those of its manifest.")
    if missing := [name for name in manifest.tables if f"tables/{name}" not in manifest.members]:
        raise InvalidInput(f"{path} is damaged: the table {missing[0]} is not in it.")
    for name, expected in manifest.members.items():
        digest, size = hashlib.sha256(), 0
        try:
            for piece in _pieces(opened, name):
                digest.update(piece)
                size += len(piece)
                if size > expected.bytes:
                    break  # however much more there is
        except _DAMAGES:
            size = -1
        if (size, digest.hexdigest()) != (expected.bytes, expected.sha256):
            raise InvalidInput(f"{path} is damaged: {name} is not what was written; nothing was restored.")


def _pieces(opened: ZipFile, name: str) -> Iterator[bytes]:
    with opened.open(name) as member:
        while piece := member.read(_PIECE):
            yield piece
