"""The product's secrets: made on first start, each a file of mode 0600 in the data directory."""

import os
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models import private
from models.errors import CannotStart, Unavailable

_DESTROYED = "destroyed"
"""What stands in the file of a key that was destroyed, so that no process makes it anew."""
_VISITOR = re.compile(r"visitor-(\d{4})q([1-4])")
_TRUSTED = 60.0
"""Seconds for which a process uses a visitor key without looking whether it is still there."""


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter in UTC; `number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> "Quarter":
        """The quarter that the instant lies in."""
        day = at.astimezone(UTC)
        return cls(day.year, (day.month + 2) // 3)

    @property
    def start(self) -> datetime:
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        following = Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)
        return following.start

    def __str__(self) -> str:
        return f"{self.year}q{self.number}"


@dataclass(frozen=True)
class _Held:
    quarter: Quarter
    key: bytes
    until: float


class Keys:
    """Session, JWT and visitor keys. A key that the operator gives goes before the file."""

    def __init__(self, folder: Path, session: str | None = None, jwt: str | None = None):
        self.folder = folder
        self._given = {"session": session, "jwt": jwt}
        self._read: dict[str, str] = {}
        self._held: _Held | None = None

    @property
    def session(self) -> str:
        """Signs the session cookies."""
        return self._key("session")

    @property
    def jwt(self) -> str:
        """Signs machine tokens (HS256)."""
        return self._key("jwt")

    def visitor(self, received_at: datetime) -> bytes:
        """The key of the calendar quarter (UTC) of `received_at`, which is now, under which visitors are
        hashed; made when it is missing. Raises Unavailable when it was destroyed, or can't be kept."""
        quarter, held = Quarter.of(received_at), self._held
        if held is None or held.quarter != quarter or time.monotonic() >= held.until:
            until = time.monotonic() + _TRUSTED
            try:
                key = self._load_or_make(self._visitor_file(quarter))
            except CannotStart as error:
                raise Unavailable(f"{error} Nothing was stored.", retry_after=30) from error
            self._held = held = None if key == _DESTROYED else _Held(quarter, key.encode(), until)
        if held is None:
            raise Unavailable(
                f"The clock says {received_at:%Y-%m-%d}, and the visitors of that quarter are closed; "
                "nothing was stored. Set the clock of this machine right."
            )
        return held.key

    def visitors(self) -> dict[Quarter, bytes]:
        """The visitor keys that there are, the earliest quarter first; without those that were destroyed.
        None is made, and none is kept in memory. Raises CannotStart."""
        try:
            names = (_VISITOR.fullmatch(path.name) for path in self.folder.iterdir())
            quarters = sorted(Quarter(int(name[1]), int(name[2])) for name in names if name)
            kept = {each: self._visitor_file(each).read_text(encoding="utf-8").strip() for each in quarters}
        except FileNotFoundError:
            if self.folder.is_dir():
                raise CannotStart(f"A visitor key in {self.folder} went away while it was read.") from None
            return {}
        except OSError as error:
            raise CannotStart(f"The visitor keys can't be read: {error.strerror}.") from error
        return {quarter: key.encode() for quarter, key in kept.items() if key != _DESTROYED}

    def destroy_visitor(self, quarter: Quarter) -> None:
        """Ends the key of a quarter for all processes: within a minute none uses it, and none makes it anew.
        Its bytes are written over first, as far as the disk does that in their place. Raises CannotStart."""
        path = self._visitor_file(quarter)
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_hex(path.stat().st_size).encode()[: path.stat().st_size])
                file.flush()
                os.fsync(file.fileno())
            private.write(path, _DESTROYED)
        except OSError as error:
            raise CannotStart(f"The key file {path} can't be destroyed: {error.strerror}.") from error
        self._held = None

    def secret(self, name: str) -> str:
        """A named secret that is kept in the data directory, made when it is missing."""
        return self._key(name)

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the keys that the operator gives, of which no file is read."""
        return tuple(name for name, key in self._given.items() if key)

    def files(self) -> dict[str, bytes]:
        """The key files that are read, by name. Raises CannotStart when one can't be."""
        try:
            return {
                path.name: path.read_bytes()
                for path in sorted(self.folder.iterdir())
                if path.is_file() and not path.name.startswith(".") and path.name not in self.given
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise CannotStart(f"The keys in {self.folder} can't be read: {error.strerror}.") from error

    def _visitor_file(self, quarter: Quarter) -> Path:
        return self.folder / f"visitor-{quarter}"

    def _key(self, name: str) -> str:
        given = self._given.get(name)
        if given:
            return given
        if name not in self._read:
            self._read[name] = self._load_or_make(self.folder / name)
        return self._read[name]

    def _load_or_make(self, path: Path) -> str:
        try:
            private.make_folder(self.folder)
            if not path.exists():
                # Written aside and linked: another process never reads half a key, and one of two wins.
                draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                try:
                    private.write(draft, secrets.token_urlsafe(48))
                    path.hardlink_to(draft)
                except FileExistsError:
                    pass
                finally:
                    draft.unlink(missing_ok=True)
            key = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CannotStart(f"The key file {path} can't be read or made: {error.strerror}.") from error
        if len(key) < 32 and not (key == _DESTROYED and path.name.startswith("visitor-")):
            raise CannotStart(f"The key file {path} is damaged; restore it from a backup.")
        return key
