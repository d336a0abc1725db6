"""Imports belong to their profile, and to whoever runs them for as long as that lives."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.clock import now
from models.database import Database, Transaction
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


def test_what_ends_while_another_looks_is_not_taken_back(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes remains back has read that an import runs, and finds its lock free a moment later."""
    listing = ledger.listing
    spent = Cost(
        profile_id=anna.profile_id,
        category="tools",
        description="Lamp",
        amount="5",
        expense_date="2026-11-01",
    )
    importing = ledger.importing(stores, anna, "costs", "costs.csv", {}, {"stored": 1})
    own = importing.__enter__()
    with stores.database.transaction() as tx:
        costs.record(tx, anna, [spent], now(), own)

    def slowly(database: Database) -> list[ledger.Import]:
        found = listing(database)
        importing.__exit__(None, None, None)
        return found

    monkeypatch.setattr(ledger, "listing", slowly)
    assert ledger.mend(stores.database) == 0
    assert ledger.find(stores.database, own).status == "done"
    assert ledger.undo(stores.database, own) == 1


def test_an_import_is_never_seen_running_without_its_lock(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction = Database.transaction
    mended: list[int] = []
    looking: list[bool] = []

    @contextmanager
    def watched(database: Database) -> Iterator[Transaction]:
        with transaction(database) as tx:
            yield tx
        if not looking:
            looking.append(True)
            mended.append(ledger.mend(database))
            looking.clear()

    monkeypatch.setattr(Database, "transaction", watched)
    with ledger.importing(stores, anna, "costs", "costs.csv", {}, {}) as own:
        pass
    monkeypatch.undo()
    assert len(mended) > 2
    assert not any(mended)
    assert ledger.find(stores.database, own).status == "done"
