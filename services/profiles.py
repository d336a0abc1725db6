"""Profiles: whose figures they are, in which zone and currency."""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, func, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from models.database import Database, Transaction
from models.errors import Conflict, InvalidInput, NotFound
from models.ids import new_id
from models.money import check_currency
from models.period import check_zone
from models.schema import (
    closed_months,
    cost_entries,
    deletions,
    profile_performance,
    profiles,
    transaction_refunds,
    transactions,
)
from models.schema.money import TRANSACTION_TYPES
from services import audit

T = transactions.c
LONGEST_NAME = 200
_CLOSED_UNTIL = (
    select(func.max(closed_months.c.ends_at))
    .where(closed_months.c.profile_id == profiles.c.profile_id)
    .scalar_subquery()
)
_PROFILES = select(profiles, _CLOSED_UNTIL.label("closed_until"))
_ADDRESS = re.compile(r"^(?:https?://)?([^/:@?#\s\[\]]+)(?::\d{1,5})?(?:[/?#].*)?$")


@dataclass(frozen=True)
class Profile:
    """One provider's profile. Its days are those of `time_zone`; its sums are in `currency`. `closed_until`
    is the end of its newest closed month: of what was before, not every event is there any more."""

    profile_id: UUID
    name: str
    time_zone: str
    currency: str
    own_hosts: tuple[str, ...] = ()
    public_key: str = ""
    is_demo: bool = False
    closed_until: datetime | None = None

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local_date(self, at: datetime) -> date:
        """The profile's day of an instant."""
        return at.astimezone(self.tz).date()


def get(tx: Transaction, profile_id: UUID) -> Profile:
    """The profile; raises NotFound when there is none."""
    row = tx.first(_PROFILES.where(profiles.c.profile_id == profile_id))
    if row is None:
        raise NotFound("There is no such profile.")
    return _profile(row)


def several(tx: Transaction, profile_ids: Collection[UUID]) -> dict[UUID, Profile]:
    """These profiles by their ids; raises NotFound when there is no such profile for one of them."""
    rows = tx.rows(_PROFILES.where(profiles.c.profile_id.in_(list(profile_ids))))
    found = {row["profile_id"]: _profile(row) for row in rows}
    if len(found) < len(set(profile_ids)):
        raise NotFound("There is no such profile.")
    return found


def locked(tx: Transaction, profile_id: UUID) -> Profile:
    """The profile as it is now, and stays until the transaction ends: this is its only writer.

    Raises NotFound when there is none.
    """
    tx.lock_profile(profile_id)
    return get(tx, profile_id)


def find(database: Database, profile_id: UUID) -> Profile:
    """The profile, in a transaction of its own; raises NotFound when there is none."""
    with database.transaction() as tx:
        return get(tx, profile_id)


def find_by_key(database: Database, public_key: str) -> Profile:
    """The profile that the tracker names by this key; raises NotFound when there is none."""
    with database.transaction() as tx:
        row = tx.first(_PROFILES.where(profiles.c.public_key == public_key))
    if row is None:
        raise NotFound("No profile has this key.")
    return _profile(row)


def every(database: Database) -> list[Profile]:
    """All profiles, by name."""
    with database.transaction() as tx:
        return [_profile(row) for row in tx.rows(_PROFILES.order_by(profiles.c.name, profiles.c.profile_id))]


def these(database: Database, profile_ids: Collection[UUID]) -> list[Profile]:
    """The profiles with these ids, by name; ids without a profile are left out."""
    statement = _PROFILES.where(profiles.c.profile_id.in_(list(profile_ids))).order_by(
        profiles.c.name, profiles.c.profile_id
    )
    with database.transaction() as tx:
        return [_profile(row) for row in tx.rows(statement)]


def add(
    tx: Transaction,
    *,
    name: str,
    time_zone: str,
    currency: str,
    at: datetime,
    own_hosts: Sequence[str] = (),
    profile_id: UUID | None = None,
    is_demo: bool = False,
) -> Profile:
    """Makes a profile, with a public key of its own for the tracker.

    Raises InvalidInput for a name, zone or currency that can't be, and Conflict when the id is taken, or was
    until moments ago.
    """
    profile = Profile(
        profile_id or new_id(),
        check_name(name),
        check_zone(time_zone),
        check_currency(currency),
        check_hosts(own_hosts),
        secrets.token_urlsafe(18),
        is_demo,
    )
    # Else what is left of the one before would be this one's, and removed with it.
    if tx.first(select(deletions.c.digest).where(deletions.c.pending_id == profile.profile_id)):
        raise Conflict(f"The profile {profile.profile_id} was just deleted; its id is free again soon.")
    row = tx.first(
        insert(profiles)
        .values(
            profile_id=profile.profile_id,
            name=profile.name,
            time_zone=profile.time_zone,
            currency=profile.currency,
            own_hosts=list(profile.own_hosts),
            public_key=profile.public_key,
            is_demo=is_demo,
            created_at=at,
            updated_at=at,
        )
        .on_conflict_do_nothing()
        .returning(profiles.c.profile_id)
    )
    if row is None:
        raise Conflict(f"There is a profile {profile.profile_id} already.")
    return profile


def edit(
    tx: Transaction,
    profile_id: UUID,
    *,
    at: datetime,
    name: str | None = None,
    own_hosts: Sequence[str] | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
) -> Profile:
    """Changes what is given and returns the profile.

    Raises Conflict for another zone or currency once there is data, whose days and amounts are kept in
    them: that is what `services.changes` is for.
    """
    profile = get(tx, profile_id)
    if time_zone not in (None, profile.time_zone) or currency not in (None, profile.currency):
        # Nothing may come in between: its day would be one of the old zone.
        profile = locked(tx, profile_id)
    changes: dict[str, object] = {}
    if name is not None:
        changes["name"] = check_name(name)
    if own_hosts is not None:
        changes["own_hosts"] = list(check_hosts(own_hosts))
    if time_zone is not None and check_zone(time_zone) != profile.time_zone:
        changes["time_zone"] = time_zone
    if currency is not None and check_currency(currency) != profile.currency:
        changes["currency"] = check_currency(currency)
    if changes.keys() & {"time_zone", "currency"} and first_day(tx, profile_id) is not None:
        raise Conflict(
            "This profile has data already; everything must be counted again in another zone or currency."
        )
    if changes:
        tx.run(update(profiles).where(profiles.c.profile_id == profile_id).values(**changes, updated_at=at))
    after = get(tx, profile_id)
    note_change(tx, profile, after, at)
    return after


def note_change(tx: Transaction, before: Profile, after: Profile, at: datetime) -> None:
    """Tells the audit trail what became of the profile, unless nothing did."""
    changed = audit.changes(_told(before), _told(after))
    if changed:
        audit.note(tx, after.profile_id, "profile-changed", at, details=changed)


def _told(profile: Profile) -> dict[str, object]:
    """What a person can change of it, as the audit trail tells it."""
    return {
        "name": profile.name,
        "sites": profile.own_hosts,
        "time zone": profile.time_zone,
        "currency": profile.currency,
    }


def first_day(tx: Transaction, profile_id: UUID) -> date | None:
    """The first local day with any data of the profile; None when there is none yet."""
    # Not revenue_daily, where a day of zeros stays behind a sale that was taken back. By type, as the
    # index on the days of transactions is.
    days = [
        (profile_performance.c.local_date, profile_performance.c.profile_id == profile_id),
        *(
            (T.local_date, (T.profile_id == profile_id) & (T.transaction_type == kind))
            for kind in TRANSACTION_TYPES
        ),
        (transaction_refunds.c.local_date, transaction_refunds.c.profile_id == profile_id),
        (cost_entries.c.expense_date, cost_entries.c.profile_id == profile_id),
    ]
    firsts = union_all(*(select(func.min(day).label("day")).where(own) for day, own in days)).subquery()
    earliest: date | None = tx.value(select(func.min(firsts.c.day)))
    return earliest


def check_name(name: str) -> str:
    """The name without outer blanks; InvalidInput when it is empty, too long or holds control characters."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= LONGEST_NAME:
        raise InvalidInput.at("/name", f"A name has 1 to {LONGEST_NAME} characters.")
    if any(ord(character) < 32 for character in stripped):
        raise InvalidInput.at("/name", "A name can't hold control characters.")
    return stripped


def check_hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    """The hosts in small letters, taken out of whole addresses ("https://anna.example/about"); InvalidInput
    for anything that names none."""
    checked = []
    for index, host in enumerate(hosts):
        bare = _ADDRESS.sub(r"\1", host.strip().lower()).rstrip(".")
        if not bare or len(bare) > 253 or set(bare) & set("/:@?# \x00"):
            raise InvalidInput.at(
                f"/hosts/{index}", f"{host[:80]!r} is not a host name such as anna.example."
            )
        checked.append(bare)
    return tuple(dict.fromkeys(checked))


def _profile(row: RowMapping) -> Profile:
    return Profile(
        row["profile_id"],
        row["name"],
        row["time_zone"],
        row["currency"],
        tuple(row["own_hosts"]),
        row["public_key"],
        row["is_demo"],
        row["closed_until"],
    )
