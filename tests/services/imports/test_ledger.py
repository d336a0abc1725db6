"""Imports belong to their profile."""

import pytest

from models.clock import now
from models.errors import NotFound
from models.stores import Stores
from services import costs
from services.imports import ledger
from services.ingest.inputs import Cost
from services.profiles import Profile


def test_each_profile_has_its_own_imports(stores: Stores, anna: Profile, priya: Profile) -> None:
    spent = Cost(
        profile_id=anna.profile_id,
        category="tools",
        description="Lamp",
        amount="5",
        expense_date="2026-11-01",
    )
    with (
        ledger.importing(stores, anna, "costs", "costs.csv", {}, {"stored": 1}) as own,
        stores.database.transaction() as tx,
    ):
        costs.record(tx, anna, [spent], now(), own)
    with ledger.importing(stores, priya, "costs", "other.csv", {}, {}) as other:
        pass
    assert [each.import_id for each in ledger.listing(stores.database)] == [other, own]
    assert [each.import_id for each in ledger.listing(stores.database, anna.profile_id)] == [own]
    with pytest.raises(NotFound):
        ledger.undo(stores.database, own, priya.profile_id)
    assert ledger.find(stores.database, own).status == "done"
    assert ledger.undo(stores.database, own, anna.profile_id) == 1
    assert ledger.find(stores.database, own, anna.profile_id).status == "undone"
