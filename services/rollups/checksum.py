"""What the figures of a closed month are held to."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Table, Text, collate, or_, select, true

from models.database import Transaction
from models.schema import (
    engagement_metrics,
    funnel_visitors,
    profile_performance,
    traffic_breakdown,
    visitor_days,
)
from services.rollups.closed import Part

TABLES = (profile_performance, engagement_metrics, traffic_breakdown, visitor_days, funnel_visitors)
_AT_ONCE = 5_000


def checksums(tx: Transaction, part: Part) -> Mapping[str, str]:
    """SHA-256 over the rows of each traffic rollup, by the name of its table, as hexadecimal digits. The same
    rows give the same on every server: they are put in order and into words here."""
    return {table.name: _checksum(tx, table, part) for table in TABLES}


def _checksum(tx: Transaction, table: Table, part: Part) -> str:
    columns = [column for column in table.c if column.name != "profile_id" and not column.computed]
    keys = [_ordered(column) for column in table.primary_key if column.name != "profile_id"]
    tallies = [column for column in columns if column.server_default is not None]
    counts = or_(*(column != 0 for column in tallies)) if tallies else true()
    digest = sha256()
    for row in tx.stream(select(*columns).where(part.of(table), counts).order_by(*keys), _AT_ONCE):
        line = {column.name: _plain(row[column.name]) for column in columns}
        digest.update(json.dumps(line, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def _ordered(column: Column[Any]) -> Any:
    """By its bytes, whatever the language of the server."""
    return collate(column, "C") if isinstance(column.type, Text) else column


def _plain(value: Any) -> str | int:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
