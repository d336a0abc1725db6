"""Rollups: `verify` names what is not the exact sum of the raw rows, `rebuild` mends it."""

from uuid import UUID

from models.clock import now
from models.database import Database
from services.rollups import money, traffic
from services.rollups.rollup import Difference, Step, no_step

__all__ = ["PARTS", "Difference", "Step", "money", "no_step", "rebuild", "traffic", "verify"]

PARTS = traffic.PARTS + money.PARTS
"""In how many steps `verify` and `rebuild` count, each for itself."""


def verify(database: Database, profile_id: UUID, step: Step = no_step) -> list[Difference]:
    """Recounts every rollup of the profile as of one instant; empty when all of them hold. `step` is called
    after each of them."""
    with database.snapshot() as tx:
        return traffic.differences(tx, profile_id, step) + money.differences(tx, profile_id, step)


def rebuild(database: Database, profile_id: UUID, step: Step = no_step) -> None:
    """Counts every rollup of the profile again; readers see the old ones until it is done. `step` is called
    after each of them; what it raises leaves all as it was."""
    with database.transaction() as tx:
        tx.lock_profile(profile_id)
        traffic.rebuild(tx, profile_id, now(), step)
        money.rebuild(tx, profile_id, now(), step)
