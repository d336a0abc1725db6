"""The rollups: what pages read, kept as the exact sum of the raw rows.

A `Rollup` is one definition: the table, its keys and sums, and the statement that counts them from
raw rows. The same statement adds what a transaction changed (over the changed rows alone), rebuilds
a profile and verifies it, so that there is nothing to keep in step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, delete, func, literal, or_, select
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

    def rebuild(self, tx: Transaction, profile_id: UUID, raw: FromClause, at: Any) -> None:
        """Counts the profile's rollup again from its raw rows."""
        tx.run(delete(self.table).where(self.table.c.profile_id == profile_id))
        self.add(tx, raw.c.profile_id == profile_id, at)

    def differences(self, tx: Transaction, profile_id: UUID, raw: FromClause) -> Sequence["Difference"]:
        """Where the stored rollup and a recount disagree; empty when all is well."""
        stored = select(self.table).where(self.table.c.profile_id == profile_id).subquery("stored")
        counted = self.count(raw.c.profile_id == profile_id).subquery("counted")
        same_key = and_(*(stored.c[key] == counted.c[key] for key in self.keys))
        unequal = or_(
            *(func.coalesce(stored.c[name], 0) != func.coalesce(counted.c[name], 0) for name in self.sums)
        )
        statement = (
            select(
                *(func.coalesce(stored.c[key], counted.c[key]).label(key) for key in self.keys),
                *(stored.c[name].label(f"stored_{name}") for name in self.sums),
                *(counted.c[name].label(f"counted_{name}") for name in self.sums),
            )
            .select_from(stored.join(counted, same_key, full=True))
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
    """One figure of a rollup that is not the sum of its raw rows."""

    table: str
    key: tuple[str, ...]
    column: str
    stored: str
    counted: str

    def __str__(self) -> str:
        place = " / ".join(self.key)
        return f"{self.table} {place}: {self.column} is {self.stored}, the raw rows give {self.counted}"
