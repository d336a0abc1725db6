"""Puts the demo into the stores: an account, its profiles, and what happened on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select

from models.database import Database, Transaction
from models.errors import NotFound
from models.schema import accounts as account_table
from models.schema import imports
from models.schema import profiles as profile_table
from models.stores import Stores
from services import accounts, costs, profiles, rates
from services.demo.personas import PERSONAS, THIRTEEN_MONTHS, Persona
from services.demo.rhythm import Stay
from services.demo.sales import sales
from services.demo.spending import spending
from services.demo.visits import visits
from services.imports import ledger
from services.ingest import events, transactions
from services.profiles import Profile

EMAIL = "demo@example.com"
KIND = "demo"
_BATCH = 5_000


@dataclass(frozen=True)
class Demo:
    """How to sign in, and the profiles there are to see, the largest first."""

    email: str
    password: str
    profiles: tuple[Profile, ...]


def password(stores: Stores) -> str:
    """The demo account's password, made once per installation."""
    return stores.keys.secret("demo-password")[:16]


def password_holds(stores: Stores) -> bool:
    """Whether the demo's account is there and still has the password that it was made with."""
    with stores.database.transaction() as tx:
        known = tx.value(select(account_table.c.password_hash).where(account_table.c.email == EMAIL))
    try:
        return known is not None and PasswordHasher().verify(known, password(stores))
    except VerificationError:
        return False


def due(database: Database) -> bool:
    """Whether a first start should make the demo: there is no profile yet, or making it was cut off."""
    known = profiles.every(database)
    made = {profile.profile_id for profile in known if profile.is_demo}
    with database.transaction() as tx:
        begun = tx.rows(select(imports.c.profile_id, imports.c.status).where(imports.c.kind == KIND))
    cut_off = made - {row["profile_id"] for row in begun if row["status"] != "running"}
    return not known or bool(cut_off)


def seed(
    stores: Stores, now: datetime, say: Callable[[str], None] = lambda text: None, days: int = THIRTEEN_MONTHS
) -> Demo:
    """Makes the demo up to `now`, the last `days` of it, and returns how to sign in.

    What was made before stays as it is; what was cut off is made again. Each profile's data is one
    import, which can be undone.
    """
    made = _known(stores, now)
    until = convertible_until(stores.database)
    for persona, profile in zip(PERSONAS, made, strict=True):
        if not _finished(stores.database, profile):
            say(f"Making the demo: {profile.name}, {profile.time_zone}, {profile.currency}")
            _fill(stores, profile, Stay(persona, now, days), until)
    return Demo(EMAIL, password(stores), made)


def _known(stores: Stores, now: datetime) -> tuple[Profile, ...]:
    """The profiles, made with the account that they belong to where they are missing."""
    with stores.database.transaction() as tx:
        try:
            account = accounts.find(tx, EMAIL)
        except NotFound:
            account = accounts.add(tx, EMAIL, password(stores), now)
            accounts.make_operator(tx, account.account_id, True)
        made = tuple(_profile(tx, persona, now) for persona in PERSONAS)
        for profile in made:
            accounts.grant(tx, account.account_id, profile.profile_id, "owner", now)
    return made


def _profile(tx: Transaction, persona: Persona, now: datetime) -> Profile:
    try:
        return profiles.get(tx, persona.profile_id)
    except NotFound:
        return profiles.add(
            tx,
            name=persona.name,
            time_zone=persona.time_zone,
            currency=persona.currency,
            at=now,
            own_hosts=(persona.host,),
            profile_id=persona.profile_id,
            is_demo=True,
        )


def ready(tx: Transaction) -> set[UUID]:
    """The profiles of the demo whose history is complete."""
    statement = (
        select(profile_table.c.profile_id)
        .join(imports, imports.c.profile_id == profile_table.c.profile_id)
        .where(profile_table.c.is_demo, imports.c.kind == KIND, imports.c.status == "done")
    )
    return {row["profile_id"] for row in tx.rows(statement)}


def _finished(database: Database, profile: Profile) -> bool:
    """Whether the profile has its data; what a killed process left half-made is taken back."""
    own = (imports.c.profile_id == profile.profile_id) & (imports.c.kind == KIND)
    with database.transaction() as tx:
        begun = tx.rows(select(imports.c.import_id, imports.c.status).where(own))
    for row in begun:
        if row["status"] == "running":
            ledger.undo(database, row["import_id"])
    return any(row["status"] == "done" for row in begun)


def _fill(stores: Stores, profile: Profile, stay: Stay, until: date | None) -> None:
    traffic = visits(stay)
    sold = sales(stay, traffic, until)
    spent = spending(stay, sold, until)
    counts = {"events": len(traffic.events), "transactions": len(sold), "costs": len(spent)}
    with ledger.importing(stores, profile, KIND, KIND, {}, counts) as import_id:
        for start in range(0, len(traffic.events), _BATCH):
            events.store(stores, traffic.events[start : start + _BATCH], stay.now, import_id)
        with stores.database.transaction() as tx:
            transactions.record(tx, profile, sold, stay.now, import_id)
            costs.record(tx, profile, spent, stay.now, import_id)


def convertible_until(database: Database) -> date | None:
    """The last day for which the newest published rates can be used; None when there are none."""
    last = [row["last"] for row in rates.status(database)]
    newest = max((day for day in last if isinstance(day, date)), default=None)
    return newest + rates.OLDEST if newest else None
