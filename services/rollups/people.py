"""Who was there on a day: rollups that hold a row for each person, so that any range has its distinct ones.

Like a `Rollup`, a `People` is one definition: the statement that finds them in raw rows also adds what
a transaction brought, rebuilds a profile and verifies it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, LargeBinary, Select, Table, any_, delete, literal, select
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

    def remove(
        self, tx: Transaction, profile_id: UUID, visitors: Sequence[bytes], days: Sequence[date]
    ) -> None:
        """Takes these visitors off these days, whose events of theirs are all to go."""
        own = self.table.c
        these = (own.visitor_key == any_(literal(visitors, ARRAY(LargeBinary))), own.local_date.in_(days))
        tx.run(delete(self.table).where(own.profile_id == profile_id, *these))

    def rebuild(self, tx: Transaction, profile_id: UUID, raw: FromClause) -> None:
        """Finds the profile's people again in its raw rows."""
        tx.run(delete(self.table).where(self.table.c.profile_id == profile_id))
        tx.run(self.adding(raw.c.profile_id == profile_id))

    def differences(self, tx: Transaction, profile_id: UUID, raw: FromClause) -> list[Difference]:
        """Who is stored and in no raw row, or the other way round; empty when all is well."""
        kept = select(*(self.table.c[name] for name in self._columns)).where(
            self.table.c.profile_id == profile_id
        )
        there = self.seen(raw.c.profile_id == profile_id)
        found = []
        for more, fewer, (stored, counted) in ((kept, there, ("1", "0")), (there, kept, ("0", "1"))):
            for row in tx.rows(more.except_(fewer)):
                key = (*(str(row[name]) for name in self.keys), row["visitor_key"].hex())
                found.append(Difference(self.table.name, key, "visitor", stored, counted))
        return found
