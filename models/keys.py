"""The product's secrets: made on first start, each a file of mode 0600 in the data directory."""

import secrets
from datetime import datetime
from pathlib import Path

from models import private
from models.errors import CannotStart


class Keys:
    """Session, JWT and visitor keys. A key that the operator gives goes before the file."""

    def __init__(self, folder: Path, session: str | None = None, jwt: str | None = None):
        self.folder = folder
        self._given = {"session": session, "jwt": jwt}
        self._read: dict[str, str] = {}

    @property
    def session(self) -> str:
        """Signs the session cookies."""
        return self._key("session")

    @property
    def jwt(self) -> str:
        """Signs machine tokens (HS256)."""
        return self._key("jwt")

    def visitor(self, received_at: datetime) -> bytes:
        """The key of the calendar quarter (UTC) of `received_at`, under which visitors are hashed."""
        quarter = (received_at.month + 2) // 3
        return self._key(f"visitor-{received_at.year}q{quarter}").encode()

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
                private.write(draft, secrets.token_urlsafe(48))
                try:
                    path.hardlink_to(draft)
                except FileExistsError:
                    pass
                finally:
                    draft.unlink()
            key = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CannotStart(f"The key file {path} can't be read or made: {error.strerror}.") from error
        if len(key) < 32:
            raise CannotStart(f"The key file {path} is damaged; restore it from a backup.")
        return key
