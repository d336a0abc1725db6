"""People who give, and the period that is asked for."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from models.stores import Stores
from services import scope
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.profiles import Profile
from services.scope import Scope

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
Given = tuple[str, str, str | None]
"""Day, amount and giver."""


def give(stores: Stores, profile: Profile, gifts: Iterable[Given], **more: Any) -> None:
    batch = [
        Transaction(
            profile_id=profile.profile_id, type="gift", date=day, amount=amount, donorId=donor, **more
        )
        for day, amount, donor in gifts
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, batch, NOW)


def ask(profile: Profile, **parameters: str) -> Scope:
    return scope.parse(profile, parameters, NOW, lambda: date(2026, 1, 1))


def many(day: str, amount: str, count: int, name: str = "d") -> list[Given]:
    return [(day, amount, f"{name}{number:02}") for number in range(count)]
