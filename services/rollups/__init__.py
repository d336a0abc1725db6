"""Rollups: `verify` names what is not the exact sum of the raw rows, `rebuild` mends it."""

from uuid import UUID

from models.clock import now
from models.database import Database
from services.rollups import money, traffic
from services.rollups.rollup import Difference

__all__ = ["Difference", "money", "rebuild", "traffic", "verify"]


def verify(database: Database, profile_id: UUID) -> list[Difference]:
    """Recounts every rollup of the profile as of one instant; empty when all of them hold."""
    with database.snapshot() as tx:
        return traffic.differences(tx, profile_id) + money.differences(tx, profile_id)


def rebuild(database: Database, profile_id: UUID) -> None:
    """Counts every rollup of the profile again; readers see the old ones until it is done."""
    with database.transaction() as tx:
        tx.lock_profile(profile_id)
        traffic.rebuild(tx, profile_id, now())
        money.rebuild(tx, profile_id, now())
