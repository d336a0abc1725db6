"""The audit trail of a profile: who did what with it, one entry after another.

An entry is written in the transaction of what it tells of, so that neither is without the other, and
nothing here changes or deletes one. Each carries a hash over the one before and itself: an entry that
somebody changes, adds or takes out by hand is found by `verify`.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, insert, select

from models.clock import now
from models.database import Database, Transaction
from models.errors import InvalidInput
from models.ids import derived_id
from models.schema import audit_entries, memberships, profiles
from services.audit_actions import ACTIONS, KINDS

COMMAND_LINE = "command line"
"""Who acts where somebody at the machine itself does."""
RETENTION = "retention"
"""Who acts where something has passed its period."""
LONGEST = 300
"""Characters of a text that an entry keeps."""
A = audit_entries.c
_AT_ONCE = 500


@dataclass(frozen=True)
class Entry:
    """Something that was done: the `actor` is the address of an account, the subject of a token, or the
    command line, and `subject` what it was done with. `at` is aware UTC. `details` hold texts, whole numbers,
    truth values, and lists of them; [old, new] under the name of what changed."""

    profile_id: UUID
    number: int
    at: datetime
    action: str
    actor: str
    subject: str
    details: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Which of KINDS it is; empty for an action of another version."""
        known = ACTIONS.get(self.action)
        return known.kind if known else ""

    @property
    def sentence(self) -> str:
        """What was done, in words: "Added the cost Instagram ads"."""
        known = ACTIONS.get(self.action)
        return known.of(self.subject) if known else f"{self.action} {self.subject}".strip()


@dataclass(frozen=True)
class Verified:
    """How many entries a profile has, the hash of the newest (empty without any), and the `problem` with
    the first that is not as it was written; None when all are."""

    entries: int
    head: str
    problem: str | None = None


def record(
    tx: Transaction,
    profile_id: UUID,
    action: str,
    actor: str,
    at: datetime,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes an entry, whose `action` is one of ACTIONS. It holds the profile's trail until the transaction
    ends, so it comes last in one that takes long."""
    if action not in ACTIONS:
        raise ValueError(f"There is no action {action!r} in the audit trail.")
    tx.lock_profile(_trail_of(profile_id))
    last = tx.first(
        select(A.number, A.hash).where(A.profile_id == profile_id).order_by(A.number.desc()).limit(1)
    )
    entry = Entry(
        profile_id,
        last["number"] + 1 if last else 1,
        at.astimezone(UTC),
        action,
        _plain(actor),
        _plain(subject),
        {name: _plain(value) for name, value in (details or {}).items() if value is not None},
    )
    chained = _hash(bytes(last["hash"]) if last else b"", entry)
    tx.run(insert(audit_entries).values(**vars(entry), hash=chained))


def note(
    tx: Transaction,
    profile_id: UUID,
    action: str,
    at: datetime | None = None,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """The same by whoever acts in this transaction (now, unless `at` is given). Writes nothing where nobody
    in particular does: what comes by a domain event or is made by the demo has nobody to name."""
    if tx.by is not None:
        record(tx, profile_id, action, tx.by, at or now(), subject, details)


def note_all(
    tx: Transaction,
    profile_ids: Collection[UUID],
    action: str,
    at: datetime,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """The same in the trail of each of these profiles."""
    tx.lock_profiles(_trail_of(profile_id) for profile_id in profile_ids)
    for profile_id in profile_ids:
        note(tx, profile_id, action, at, subject, details)


def record_account(
    tx: Transaction,
    account_id: UUID,
    action: str,
    actor: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    at_most: int | None = None,
) -> None:
    """Writes an entry about an account into the trail of each of its profiles; with `at_most`, not where
    there are so many of this action in the hour before."""
    mine = select(memberships.c.profile_id).where(memberships.c.account_id == account_id)
    profile_ids = [row["profile_id"] for row in tx.rows(mine)]
    tx.lock_profiles(_trail_of(profile_id) for profile_id in profile_ids)
    for profile_id in profile_ids:
        if at_most is None or _recent(tx, profile_id, action, at) < at_most:
            record(tx, profile_id, action, actor, at, details=details)


def record_everywhere(tx: Transaction, action: str, actor: str, at: datetime, subject: str = "") -> None:
    """Writes an entry about the whole installation into the trail of each profile."""
    profile_ids = [row["profile_id"] for row in tx.rows(select(profiles.c.profile_id))]
    tx.lock_profiles(_trail_of(profile_id) for profile_id in profile_ids)
    for profile_id in profile_ids:
        record(tx, profile_id, action, actor, at, subject)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """What differs, as details tell it: [old, new] by name, both as text."""
    return {
        name: [_text(before.get(name)), _text(value)]
        for name, value in after.items()
        if before.get(name) != value
    }


def listing(
    tx: Transaction,
    profile_id: UUID,
    *,
    kind: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Entries from the newest on, at most `limit`, of one of KINDS when it is given; `before` is the number
    of the last seen. Raises InvalidInput for another kind."""
    conditions: list[ColumnElement[bool]] = [A.profile_id == profile_id]
    if kind is not None:
        conditions.append(A.action.in_(_of_kind(kind)))
    if before is not None:
        conditions.append(A.number < before)
    statement = select(audit_entries).where(*conditions).order_by(A.number.desc()).limit(limit)
    return [_entry(row) for row in tx.rows(statement)]


def every(database: Database, profile_id: UUID, kind: str | None = None) -> Iterator[Entry]:
    """All of them in the same order, however many there are; few are held at a time. Raises InvalidInput for
    another kind at once, before the first is asked for."""
    if kind is not None:
        _of_kind(kind)
    return _every(database, profile_id, kind)


def _every(database: Database, profile_id: UUID, kind: str | None) -> Iterator[Entry]:
    before: int | None = None
    while True:
        with database.transaction() as tx:
            found = listing(tx, profile_id, kind=kind, before=before, limit=_AT_ONCE)
        yield from found
        if len(found) < _AT_ONCE:
            return
        before = found[-1].number


def verify(tx: Transaction, profile_id: UUID) -> Verified:
    """Computes every hash of the profile's trail again."""
    number, head = 0, b""
    mine = select(audit_entries).where(A.profile_id == profile_id).order_by(A.number)
    for row in tx.stream(mine, _AT_ONCE):
        entry = _entry(row)
        if entry.number != number + 1:
            return Verified(number, head.hex(), f"The entry {number + 1} is missing.")
        head = _hash(head, entry)
        if head != bytes(row["hash"]):
            return Verified(number, head.hex(), f"The entry {entry.number} is not as it was written.")
        number = entry.number
    return Verified(number, head.hex())


def _recent(tx: Transaction, profile_id: UUID, action: str, at: datetime) -> int:
    """How often this was done in the hour before."""
    own = (A.profile_id == profile_id, A.action == action, A.at > at - timedelta(hours=1))
    return int(tx.value(select(func.count()).where(*own)))


def _trail_of(profile_id: UUID) -> UUID:
    """What stands for the trail: its lock is another than the profile's, which long tasks hold."""
    return derived_id("audit", str(profile_id))


def _of_kind(kind: str) -> Sequence[str]:
    if kind not in KINDS:
        raise InvalidInput.at("kind", f"There is no kind {kind[:40]!r}; give one of {', '.join(KINDS)}.")
    return [slug for slug, action in ACTIONS.items() if action.kind == kind]


def _hash(before: bytes, entry: Entry) -> bytes:
    told = [
        str(entry.profile_id), entry.number, entry.at.isoformat(), entry.action, entry.actor, entry.subject,
        entry.details,
    ]  # fmt: skip
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + text.encode()).digest()


def _plain(value: Any) -> Any:
    """The value as JSON keeps it to the letter: no fractions, and no text that PostgreSQL refuses."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _text(value)


def _text(value: Any) -> str:
    """Short, on one line, and text in UTF-8."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    text = "" if value is None else str(value)
    flat = "".join(character if character.isprintable() else " " for character in text[: LONGEST + 1])
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"


def _entry(row: RowMapping) -> Entry:
    values = {name: row[name] for name in Entry.__dataclass_fields__}
    return Entry(**values | {"at": row["at"].astimezone(UTC)})
