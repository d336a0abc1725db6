"""The keys of past quarters: without one nobody can tell any more who is behind a hash made with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.keys import Quarter
from models.retention import LONGEST_ADDRESS_DAYS
from models.stores import Stores
from services import profiles
from services.retention import addresses
from services.retention.task import Counts, Words

WORDS = Words("keys", "Key of a quarter destroyed", {"keys": "keys of past quarters"})
KEPT_FOR = timedelta(days=LONGEST_ADDRESS_DAYS)
"""How long a key outlives its quarter: until the last address that came in it has become its hash."""


def due(stores: Stores, at: datetime) -> Mapping[str, int]:
    """How many keys have passed their time. Raises CannotStart when they can't be read."""
    return {"keys": len(_old(stores, at))}


def destroy(stores: Stores, at: datetime) -> Counts:
    """Destroys the keys that have passed their time, of all profiles at once; but none while anything that
    came in its quarter is not reduced yet. Raises Unavailable, and CannotStart when a file resists."""
    before = due(stores, at)
    for quarter in _old(stores, at):
        if not _is_needed(stores, quarter):
            stores.keys.destroy_visitor(quarter)
    return Counts(before, due(stores, at))


def _old(stores: Stores, at: datetime) -> list[Quarter]:
    return [quarter for quarter in stores.keys.visitors() if quarter.end + KEPT_FOR <= at]


def _is_needed(stores: Stores, quarter: Quarter) -> bool:
    for profile in profiles.every(stores.database):
        with stores.database.transaction() as tx:
            if addresses.is_left(tx, profile.profile_id, quarter):
                return True
    return False
