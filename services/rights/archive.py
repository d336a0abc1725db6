"""Everything that a profile has, as one ZIP file: a CSV file for each table, a manifest and a README."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Column, Select, Table, select

from models import migrate
from models.database import Transaction
from models.schema import accounts, memberships
from models.stores import Stores
from services import profiles
from services.export import text
from services.profiles import Profile
from services.rights import holdings

Report = Callable[[int, int], None]
"""Is told how many rows are through, of how many; what it raises ends the export."""
FORMAT = 1
"""Raised when what is written here is to be read in another way."""
_AT_ONCE = 2_000


@dataclass(frozen=True)
class File:
    """One file of the archive: its rows (without the header), bytes, and SHA-256 in hex."""

    name: str
    rows: int
    bytes: int
    sha256: str


def write(
    stores: Stores,
    profile_id: UUID,
    into: IO[bytes],
    at: datetime,
    report: Report = lambda done, total: None,
) -> list[File]:
    """Writes the archive of the profile as it is in one instant; returns its CSV files. Holds some thousand
    rows at a time, however many there are. Raises NotFound, and what `report` raises."""
    schema = migrate.status(stores.database).current
    with (
        stores.database.snapshot() as tx,
        ZipFile(into, "w", ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        profile = profiles.get(tx, profile_id)
        total = sum(holdings.counts(tx, profile_id).values())
        progress = _Progress(report, total)
        files = [
            _table(tx, archive, table, columns, profile_id, progress)
            for table, columns in holdings.exported().items()
        ]
        manifest = {
            "format": FORMAT,
            "profileId": str(profile_id),
            "name": profile.name,
            "timezone": profile.time_zone,
            "currency": profile.currency,
            "schemaVersion": schema,
            "madeAt": _instant(at),
            "rows": sum(file.rows for file in files),
            "files": [asdict(file) for file in files],
            "leftOut": [{"what": what, "why": why} for what, why in holdings.LEFT_OUT.items()],
        }
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
        archive.writestr("README.txt", _readme(profile, at))
    return files


def cell(value: Any) -> object:
    """A value as its cell holds it: exact decimals, ISO 8601 in UTC, bytes in hex, JSON for what has parts.
    Text that a spreadsheet would take for a formula is guarded; numbers never are."""
    if value is None or isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | UUID | IPv4Address | IPv6Address):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text(str(value))


def _number(value: int | float | Decimal | None) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else value


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rows(table: Table, columns: Sequence[Column[Any]], profile_id: UUID) -> Select[Any]:
    found = select(*columns).where(table.c[holdings.OWN] == profile_id).order_by(*table.primary_key)
    if table is memberships:
        return found.join_from(memberships, accounts, accounts.c.account_id == memberships.c.account_id)
    return found


def _table(
    tx: Transaction,
    archive: ZipFile,
    table: Table,
    columns: Sequence[Column[Any]],
    profile_id: UUID,
    progress: "_Progress",
) -> File:
    name, digest, size, many = f"{table.name}.csv", hashlib.sha256(), 0, 0
    rows = (row.values() for row in tx.stream(_rows(table, columns, profile_id), _AT_ONCE))
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in _pieces([column.name for column in columns], rows):
            file.write(piece.text)
            digest.update(piece.text)
            size, many = size + len(piece.text), many + piece.rows
            progress.advance(piece.rows)
    return File(name, many, size, digest.hexdigest())


@dataclass(frozen=True)
class _Piece:
    text: bytes
    rows: int


def _pieces(header: Sequence[str], rows: Iterator[Any]) -> Iterator[_Piece]:
    yield _Piece(_csv([header]), 0)
    while some := list(islice(rows, _AT_ONCE)):
        yield _Piece(_csv([map(cell, row) for row in some]), len(some))


def _csv(rows: Sequence[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _readme(profile: Profile, at: datetime) -> str:
    return "\n".join(
        [
            f"Everything that the profile {profile.name} has",
            "",
            f"Made at {_instant(at)}, as of one instant. manifest.json has the number of rows, the size and",
            "the SHA-256 of each file.",
            "",
            "The files are CSV (RFC 4180, UTF-8, a header row): instants in ISO 8601 and UTC, days as",
            "YYYY-MM-DD, exact decimals, true and false, bytes in hex, JSON where a cell has parts. An empty",
            "cell is no value. Text that a spreadsheet would take for a formula has a ' before it.",
            *holdings.described(),
            "",
        ]
    )


class _Progress:
    """Counts the rows that are through."""

    def __init__(self, report: Report, total: int):
        self._report, self._done, self._total = report, 0, total
        report(0, total)

    def advance(self, rows: int) -> None:
        self._done += rows
        self._report(self._done, self._total)
