"""Who was there on a day: rollups that hold a row for each person, so that any range has its distinct ones.

Like a `Rollup`, a `People` is one definition: the statement that finds them in raw rows also adds what
a transaction brought, rebuilds a profile and verifies it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Select, Table, any_, delete, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from models.database import Transaction
from services.rollups.rollup import Difference, Where


@dataclass(frozen=True)
class People:
    """`seen(where)` selects the primary key of the table, `keys` and the visitor at its end, over the raw
    rows that match `where`; one may come many times."""

    table: Table
    keys: tuple[str, ...]
    seen: Callable[[Where], Select[Any]]

    @property
    def _columns(self) -> list[str]:
        return ["profile_id", *self.keys, "visitor_key"]

    def adding(self, where: Where) -> Insert:
        """The statement that adds those of the raw rows matching `where` who are not there yet."""
        found = self.seen(where).distinct()
        return insert(self.table).from_select(self._columns, found).on_conflict_do_nothing()

    def rebuild(self, tx: Transaction, stored: Where, raw: Where) -> None:
        """Finds the people of the rows matching `stored`, an expression over the table's columns, again in
        the raw rows matching `raw`."""
        tx.run(delete(self.table).where(stored))
        tx.run(self.adding(raw))

    def remove(
        self, tx: Transaction, profile_id: UUID, visitors: Sequence[bytes], days: Sequence[date]
    ) -> None:
        """Takes these visitors off these days, whose events of theirs are all to go."""
        own = self.table.c
        these = (own.visitor_key == any_(literal(visitors, ARRAY(LargeBinary))), own.local_date.in_(days))
        tx.run(delete(self.table).where(own.profile_id == profile_id, *these))

    def differences(self, tx: Transaction, stored: Where, raw: Where) -> list[Difference]:
        """Who is stored and in no raw row, or the other way round; empty when all is well."""
        kept = select(*(self.table.c[name] for name in self._columns)).where(stored)
        there = self.seen(raw)
        found = []
        for more, fewer, (had, given) in ((kept, there, ("1", "0")), (there, kept, ("0", "1"))):
            for row in tx.rows(more.except_(fewer)):
                key = (*(str(row[name]) for name in self.keys), row["visitor_key"].hex())
                found.append(Difference(self.table.name, key, "visitor", had, given))
        return found
