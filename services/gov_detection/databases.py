"""The databases in MaxMind's format: opened memory-mapped, and opened anew when a file changes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb

from services.gov_detection.address import Address

SHIPPED = Path(__file__).parent.parent.parent / "data"
NAMES = ("asn.mmdb", "country.mmdb")
_PROBED = 200


class Place(NamedTuple):
    """What the databases know of an address. `organization` is who uses it, where a file knows that;
    `as_organization` is whose network it is in."""

    asn: int | None
    as_organization: str | None
    organization: str | None
    country: str | None
    user_type: str | None


@dataclass(frozen=True)
class State:
    """A file as it is: `knows` are some of organisation, country, user type; `problem` is a sentence, None
    when all is well. `built` is when its maker made it (aware UTC)."""

    path: Path
    type: str | None
    built: datetime | None
    size: int | None
    knows: tuple[str, ...]
    problem: str | None


class Source:
    """One file, or the first that exists of several in its place."""

    def __init__(self, *places: Path):
        self.places = places
        self._mark: tuple[Path, int, int, int] | None = None
        self._reader: maxminddb.Reader | None = None
        self.state = State(places[-1], None, None, None, (), "Not opened yet.")

    def look(self) -> bool:
        """Opens the file anew if it is another one than before; tells whether it was."""
        path = next((place for place in self.places if place.is_file()), self.places[-1])
        try:
            stat = path.stat()
        except OSError as error:
            return self._fail(path, f"The database {path} can't be opened: {error.strerror or error}.")
        mark = (path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if mark == self._mark:
            return False
        self._mark = mark
        try:
            reader = maxminddb.open_database(os.fspath(path), maxminddb.MODE_AUTO)
            told = reader.metadata()
            knows = _knowledge(reader)
        except (maxminddb.InvalidDatabaseError, OSError, ValueError, RecursionError):
            return self._fail(path, f"{path} is broken, cut short, or no MaxMind database.", stat.st_size)
        built = datetime.fromtimestamp(told.build_epoch, UTC)
        problem = (
            None
            if knows
            else f"The database {path} ({told.database_type}) tells neither organisations nor countries."
        )
        self._reader = reader if knows else None
        self.state = State(path, told.database_type, built, stat.st_size, knows, problem)
        return True

    def record(self, address: Address) -> Mapping[str, Any] | None:
        """What the file says about an address; None when it says nothing, or is broken there."""
        reader = self._reader
        if reader is None or (address.version == 6 and reader.metadata().ip_version == 4):
            return None
        try:
            found = reader.get(address)
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            path = self.state.path
            self._reader = None
            self.state = State(
                path, self.state.type, self.state.built, self.state.size, (),
                f"{path} is broken or cut short: {error}.",
            )  # fmt: skip
            return None
        return found if isinstance(found, Mapping) else None

    def _fail(self, path: Path, problem: str, size: int | None = None) -> bool:
        changed = problem != self.state.problem
        if size is None:
            self._mark = None
        self._reader = None
        self.state = State(path, None, None, size, (), problem)
        return changed


class Databases:
    """Several files, the first that knows something is believed: those of the operator stand first."""

    def __init__(self, sources: Sequence[Source]):
        self.sources = tuple(sources)
        self.look()

    def look(self) -> bool:
        """Takes up files that changed; tells whether there were any."""
        changed = [source.look() for source in self.sources]
        return any(changed)

    @property
    def states(self) -> tuple[State, ...]:
        """How each file is."""
        return tuple(source.state for source in self.sources)

    @property
    def know_organizations(self) -> bool:
        """Whether any file tells whose an address is."""
        return any("organisation" in source.state.knows for source in self.sources)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, as sentences."""
        return tuple(source.state.problem for source in self.sources if source.state.problem)

    def place(self, address: Address) -> Place:
        """What is known of an address."""
        asn = as_organization = organization = country = user_type = None
        for source in self.sources:
            found = source.record(address)
            if not found:
                continue
            traits = found.get("traits") or found
            if as_organization is None and traits.get("autonomous_system_organization"):
                as_organization = str(traits["autonomous_system_organization"])
                asn = traits.get("autonomous_system_number")
            organization = organization or traits.get("organization")
            user_type = user_type or traits.get("user_type")
            if country is None:
                country = _country(found)
        return Place(asn, as_organization, organization, country, user_type)


def sources(added: Sequence[Path], data_dir: Path | None = None) -> tuple[Source, ...]:
    """The files to look in: those of the operator, then the shipped ones, or what `geoip update` put into
    `data_dir` in their place."""
    updated = [data_dir / "geoip"] if data_dir else []
    return (
        *(Source(path) for path in added),
        *(Source(*(folder / name for folder in (*updated, SHIPPED))) for name in NAMES),
    )


def _country(record: Mapping[str, Any]) -> str | None:
    code = record.get("country_code")
    if code is None:
        nested = record.get("country") or record.get("registered_country")
        code = nested.get("iso_code") if isinstance(nested, Mapping) else nested
    return code if isinstance(code, str) and len(code) == 2 else None


def _knowledge(reader: maxminddb.Reader) -> tuple[str, ...]:
    """What the first records of a file tell."""
    knows = set[str]()
    for _, record in islice(reader, _PROBED):
        if not isinstance(record, Mapping):
            continue
        traits = record.get("traits") or record
        if traits.get("autonomous_system_organization") or traits.get("organization"):
            knows.add("organisation")
        if traits.get("user_type"):
            knows.add("user type")
        if _country(record):
            knows.add("country")
    return tuple(sorted(knows))
