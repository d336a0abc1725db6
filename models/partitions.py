"""The monthly partitions that may go: empty ones, and those whose time has passed.

Whoever stores something of a month that is over holds its partition, so that it is not dropped in between,
and makes it again where it was.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, literal_column, select, table
from sqlalchemy.sql import text

from models.clock import now
from models.database import Database, Transaction, create_partition
from models.errors import Busy

_DROP_LOCK = 0x64726F70
_PATIENCE = text("set local lock_timeout = '1s'")
"""All who read or write wait behind the one who waits for a table."""
_CHILDREN = text(
    "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid "
    "where i.inhparent = cast(:parent as regclass)"
)


def months(tx: Transaction, parent: str) -> set[tuple[int, int]]:
    """The months (of UTC, year and number) that `parent` has a partition for."""
    pattern = re.compile(rf"{parent}_(\d{{4}})_(\d\d)")
    names = (pattern.fullmatch(row["name"]) for row in tx.rows(_CHILDREN.bindparams(parent=parent)))
    return {(int(name[1]), int(name[2])) for name in names if name}


def hold(tx: Transaction, parent: str, moments: Iterable[datetime]) -> None:
    """Keeps the partitions of `parent` that hold `moments` from being dropped until the transaction ends, and
    makes those that were. Those of the running month and later ones never are, and cost nothing.
    To be called before the transaction touches the table."""
    running = _month(now())
    wanted = {month for month in map(_month, moments) if month < running}
    if not wanted:
        return
    tx.value(select(func.pg_advisory_xact_lock_shared(_DROP_LOCK)))
    there = months(tx, parent)
    for year, month in sorted(wanted - there):
        create_partition(tx, parent, year, month)


def drop(database: Database, parent: str, before: datetime, *, filled: bool) -> int:
    """Drops the partitions of `parent` that end by `before`, an instant of the past; without `filled` the
    empty ones alone. Returns how many. Where one is in use it is left for the next time, and so are the rest.
    """
    dropped = 0
    for year, month in over(database, parent, before, filled=filled):
        name = f"{parent}_{year:04}_{month:02}"
        try:
            with database.transaction() as tx:
                tx.run(_PATIENCE)
                tx.value(select(func.pg_advisory_xact_lock(_DROP_LOCK)))
                tx.run(text(f"lock table only {parent} in access exclusive mode"))
                gone = (year, month) in months(tx, parent) and (filled or _is_empty(tx, name))
                if gone:
                    tx.run(text(f"drop table {name}"))
        except Busy:
            break
        dropped += gone
    return dropped


def over(database: Database, parent: str, before: datetime, *, filled: bool) -> list[tuple[int, int]]:
    """The months (of UTC) that `drop` would find, the oldest first."""
    latest = _month(before)
    with database.transaction() as tx:
        past = sorted(month for month in months(tx, parent) if month < latest)
        return [
            (year, month) for year, month in past if filled or _is_empty(tx, f"{parent}_{year:04}_{month:02}")
        ]


def _is_empty(tx: Transaction, name: str) -> bool:
    return tx.first(select(literal_column("1")).select_from(table(name)).limit(1)) is None


def _month(moment: datetime) -> tuple[int, int]:
    utc = moment.astimezone(UTC)
    return utc.year, utc.month
