"""The rollups: what pages read, kept as the exact sum of the raw rows.

A `Rollup` is one definition: the table, its keys and sums, and the statement that counts them from
raw rows. The same statement adds what a transaction changed (over the changed rows alone), rebuilds
a profile and verifies it, so that there is nothing to keep in step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from models.database import Transaction

Where = ColumnElement[bool]
Count = Callable[[Where], Select[Any]]
Step = Callable[[], None]
"""Is called after each rollup of several; what it raises ends the work there."""


def no_step() -> None:
    """For those who don't look."""


@dataclass(frozen=True)
class Rollup:
    """`count(where)` selects profile_id, the keys and the sums over the raw rows that match `where`;
    `where` is an expression over the raw table's columns, made by the caller."""

    table: Table
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    count: Count
    stamped: bool = False
    """The table has created_at and updated_at, which are passed in."""

    @property
    def name(self) -> str:
        return self.table.name

    def add(self, tx: Transaction, where: Where, at: Any, sign: int = 1) -> None:
        """Adds (or, with sign -1, takes away) what the raw rows matching `where` count for."""
        counted = self.count(where).subquery()
        names = ["profile_id", *self.keys, *self.sums]
        columns: list[Any] = [counted.c.profile_id, *(counted.c[key] for key in self.keys)]
        columns += [counted.c[name] * sign for name in self.sums]
        if self.stamped:
            names += ["created_at", "updated_at"]
            columns += [literal(at), literal(at)]
        rows = insert(self.table).from_select(
            names, select(*columns).order_by(*columns[: len(self.keys) + 1])
        )
        changes: dict[str, Any] = {name: self.table.c[name] + rows.excluded[name] for name in self.sums}
        if self.stamped:
            changes["updated_at"] = rows.excluded.updated_at
        tx.run(rows.on_conflict_do_update(index_elements=["profile_id", *self.keys], set_=changes))

    def rebuild(self, tx: Transaction, stored: Where, raw: Where, at: Any) -> None:
        """Counts the rows matching `stored`, an expression over the rollup's columns, again from those
        matching `raw`."""
        tx.run(delete(self.table).where(stored))
        self.add(tx, raw, at)

    def drop_empty(self, tx: Transaction, where: Where) -> None:
        """Removes those of its rows that match `where` (over its own table) and count nothing any more."""
        # Not `sums` alone: another rollup may keep a figure in the same row.
        tallies = [
            column
            for column in self.table.c
            if column.name not in self.table.primary_key and column.computed is None
            and column.server_default is not None
        ]  # fmt: skip
        tx.run(delete(self.table).where(where, *(column == 0 for column in tallies)))

    def differences(self, tx: Transaction, stored: Where, raw: Where) -> Sequence["Difference"]:
        """Where the rows matching `stored` and a recount of one profile's raw rows matching `raw` disagree;
        empty when all is well."""
        kept = select(self.table).where(stored).subquery("stored")
        counted = self.count(raw).subquery("counted")
        same_key = and_(*(kept.c[key] == counted.c[key] for key in self.keys))
        unequal = or_(
            *(func.coalesce(kept.c[name], 0) != func.coalesce(counted.c[name], 0) for name in self.sums)
        )
        statement = (
            select(
                *(func.coalesce(kept.c[key], counted.c[key]).label(key) for key in self.keys),
                *(kept.c[name].label(f"stored_{name}") for name in self.sums),
                *(counted.c[name].label(f"counted_{name}") for name in self.sums),
            )
            .select_from(kept.join(counted, same_key, full=True))
            .where(unequal)
        )
        return [
            Difference(
                self.name,
                tuple(str(row[key]) for key in self.keys),
                name,
                str(row[f"stored_{name}"] or 0),
                str(row[f"counted_{name}"] or 0),
            )
            for row in tx.rows(statement)
            for name in self.sums
            if (row[f"stored_{name}"] or 0) != (row[f"counted_{name}"] or 0)
        ]


@dataclass(frozen=True)
class Difference:
    """One figure of a rollup that is not the sum of its raw rows. `lasts`: a recount does not mend it."""

    lasts: ClassVar[bool] = False
    table: str
    key: tuple[str, ...]
    column: str
    stored: str
    counted: str

    def __str__(self) -> str:
        place = " / ".join(self.key)
        return f"{self.table} {place}: {self.column} is {self.stored}, the raw rows give {self.counted}"


class Changed(Difference):
    """A rollup that is not what it was when its month was closed. There is nothing to count it from."""

    lasts = True

    def __str__(self) -> str:
        return (
            f"{self.table} of {self.key[0]}, which is closed: its rows are not those it was closed with "
            f"(their checksum was {self.stored[:12]} and is {self.counted[:12]})"
        )


class Left(Difference):
    """Events in a month that is closed."""

    lasts = True

    def __str__(self) -> str:
        place = f"{self.table} of {self.key[0]}, which is closed"
        return f"{place}: events that should be gone are there ({self.stored})"
