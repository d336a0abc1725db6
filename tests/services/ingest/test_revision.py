"""Imports taken back, and amounts converted once their rate has come."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models.errors import Conflict, NotFound
from models.schema import duo_referral_stats
from models.stores import Stores
from services import rollups
from services.ingest import revision
from services.ingest import transactions as ingest
from services.ingest.revision import Removed
from services.ingest.transactions import Fate
from services.profiles import Profile
from tests.services.ingest.test_transactions import ID, daily, record, refund, row, sale

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
IMPORT, OTHER = UUID(int=7), UUID(int=8)


def undo(stores: Stores, profile: Profile, import_id: UUID = IMPORT) -> int:
    with stores.database.transaction() as tx:
        return revision.remove_import(tx, profile, import_id, NOW)


def convert(stores: Stores, profile: Profile) -> int:
    with stores.database.transaction() as tx:
        return revision.convert(tx, profile, NOW)


def test_an_undone_import_takes_its_sales_with_their_refunds(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, amount="1"))
    with stores.database.transaction() as tx:
        batch = [sale(anna, id=UUID(int=2)), sale(anna, id=UUID(int=3), status="refunded")]
        ingest.record(tx, anna, batch, NOW, IMPORT)
    refund(stores, anna, "10", "later", sale_id=UUID(int=2))
    assert undo(stores, anna) == 2
    assert daily(stores, anna, "gross") == {"2026-11-10": 1}
    assert daily(stores, anna, "refunds") == {}
    assert undo(stores, anna) == 0


def test_an_undone_refund_leaves_the_others_of_its_sale(stores: Stores, anna: Profile, publish: Any) -> None:
    publish("USD", "2026-11-10", "3")
    record(stores, anna, sale(anna, id=ID, currency="USD"))
    refund(stores, anna, "0.01", "r1")
    refund(stores, anna, "33", "r2", import_id=IMPORT)
    refund(stores, anna, "0.01", "r3")
    assert undo(stores, anna) == 1
    kept = row(stores, anna)
    assert (kept["status"], kept["refunded_amount"]) == ("refunded", Decimal("0.02"))
    assert daily(stores, anna, "refunds") == {"2026-11-12": Decimal("0.01")}
    assert refund(stores, anna, "33", "r2") is Fate.MOVED
    refund(stores, anna, None, "r4")
    assert sum(daily(stores, anna, "refunds").values()) == sum(daily(stores, anna, "gross").values())


def test_a_sale_whose_only_refund_is_undone_is_completed_again(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID))
    refund(stores, anna, None, "r1", import_id=IMPORT)
    assert undo(stores, anna, OTHER) == 0
    assert undo(stores, anna) == 1
    kept = row(stores, anna)
    assert (kept["status"], kept["refunded_amount"], kept["refunded_at"]) == ("completed", 0, None)


def test_amounts_are_converted_when_their_rate_has_come(stores: Stores, anna: Profile, publish: Any) -> None:
    record(stores, anna, sale(anna, id=ID, currency="USD"), sale(anna, currency="KWD"))
    refund(stores, anna, "50", "r1")
    assert convert(stores, anna) == 0
    publish("USD", "2026-11-05", "1.25")
    refund(stores, anna, "25", "r2")
    assert convert(stores, anna) == 1
    assert daily(stores, anna, "gross") == {"2026-11-10": 80}
    assert daily(stores, anna, "refunds") == {"2026-11-12": 60}
    assert row(stores, anna)["rate_date"] == date(2026, 11, 5)
    assert convert(stores, anna) == 0


def test_pending_amounts_are_converted_too(stores: Stores, anna: Profile, publish: Any) -> None:
    record(stores, anna, sale(anna, id=ID, currency="USD", status="pending"))
    publish("USD", "2026-11-10", "1.25")
    assert convert(stores, anna) == 1
    assert daily(stores, anna, "pending") == {"2026-11-10": 80}
    assert row(stores, anna)["status"] == "pending"


def test_what_was_entered_by_hand_can_be_deleted_as_if_it_had_never_been(
    stores: Stores, anna: Profile, publish: Any
) -> None:
    publish("USD", "2026-11-10", "1.25")
    record(stores, anna, sale(anna))
    before = figures(stores, anna)
    shared = {"type": "booking", "partner_id": "mia", "currency": "USD"}
    split = {"profile": "0.6", "partner": "0.4"}
    record(stores, anna, sale(anna, id=ID, metadata=dict(revision.MANUAL), split=split, **shared))
    refund(stores, anna, "33", "r1")
    assert figures(stores, anna) != before
    with stores.database.transaction() as tx:
        revision.remove(tx, anna, ID, NOW)
    assert figures(stores, anna) == before
    assert rollups.verify(stores.database, anna.profile_id) == []
    with stores.database.transaction() as tx, pytest.raises(NotFound):
        revision.remove(tx, anna, ID, NOW)


def test_what_came_from_elsewhere_stays(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID))
    imported = sale(anna, id=UUID(int=2), metadata=dict(revision.MANUAL))
    with stores.database.transaction() as tx:
        ingest.record(tx, anna, [imported], NOW, IMPORT)
    for key in (ID, UUID(int=2)):
        with stores.database.transaction() as tx, pytest.raises(Conflict):
            revision.remove(tx, anna, key, NOW)
    assert daily(stores, anna, "sales") == {"2026-11-10": 2}


def test_a_refund_is_taken_back_and_the_others_stay(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID))
    before = figures(stores, anna)
    refund(stores, anna, "10", "r1")
    once = figures(stores, anna)
    refund(stores, anna, "5", "r2")
    for reference, then in (("r2", once), ("r1", before)):
        with stores.database.transaction() as tx:
            revision.take_refund_back(tx, anna, ID, reference, NOW)
        assert figures(stores, anna) == then
        assert rollups.verify(stores.database, anna.profile_id) == []
    with stores.database.transaction() as tx, pytest.raises(NotFound):
        revision.take_refund_back(tx, anna, ID, "r1", NOW)


def test_what_was_completed_by_hand_can_be_pending_again(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, status="pending", metadata={"note": "x"}))
    before = figures(stores, anna)
    with stores.database.transaction() as tx:
        revision.complete(tx, anna, ID, NOW)
    assert daily(stores, anna, "gross") == {"2026-11-10": 100}
    with stores.database.transaction() as tx, pytest.raises(Conflict):
        revision.complete(tx, anna, ID, NOW)
    with stores.database.transaction() as tx:
        revision.reopen(tx, anna, ID, NOW)
    assert figures(stores, anna) == before
    assert row(stores, anna)["metadata"] == {"note": "x"}


def test_what_a_platform_completed_or_what_was_refunded_stays(stores: Stores, anna: Profile) -> None:
    other = UUID(int=2)
    record(stores, anna, sale(anna, id=ID), sale(anna, id=other, status="pending"))
    with stores.database.transaction() as tx:
        revision.complete(tx, anna, other, NOW)
    refund(stores, anna, "1", "r1", sale_id=other)
    for key, error in ((ID, Conflict), (other, Conflict), (UUID(int=9), NotFound)):
        with stores.database.transaction() as tx, pytest.raises(error):
            revision.reopen(tx, anna, key, NOW)


def test_what_was_removed_comes_back_as_it_was(stores: Stores, anna: Profile, publish: Any) -> None:
    publish("USD", "2026-11-10", "1.25")
    given = {"type": "booking", "partner_id": "mia", "currency": "USD", "country": "DE", "item_name": "Two"}
    split = {"profile": "0.6", "partner": "0.4"}
    record(stores, anna, sale(anna, id=ID, metadata=dict(revision.MANUAL), split=split, **given))
    refund(stores, anna, "33", "r1")
    refund(stores, anna, "3", "r2")
    before, was = figures(stores, anna), dict(row(stores, anna))
    with stores.database.transaction() as tx:
        removed = revision.remove(tx, anna, ID, NOW)
    told = Removed.model_validate(removed.model_dump(mode="json"))
    with stores.database.transaction() as tx:
        revision.restore(tx, anna, told, NOW)
    assert figures(stores, anna) == before
    stamps = {"received_at", "updated_at"}
    again = dict(row(stores, anna))
    assert {name: again[name] for name in again.keys() - stamps} == {
        name: was[name] for name in was.keys() - stamps
    }


def figures(stores: Stores, profile: Profile) -> dict[str, Any]:
    """Every figure of money, by day and by partner."""
    names = ("gross", "sales", "refunds", "refund_count", "pending", "pending_count", "partner_share")
    with stores.database.transaction() as tx:
        duo = tx.rows(select(duo_referral_stats).where(duo_referral_stats.c.booking_count != 0))
    shared = {row["partner_id"]: (row["booking_count"], row["total_revenue"]) for row in duo}
    return {name: daily(stores, profile, name) for name in names} | {"duo": shared}
