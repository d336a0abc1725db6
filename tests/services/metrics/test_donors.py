"""Donors one by one, the largest first."""

from decimal import Decimal

import pytest

from models.stores import Stores
from services.metrics.donors import Place, donors, every_donor
from services.profiles import Profile
from services.scope import Scope
from tests.services.metrics.giving import NOVEMBER, ask, give, many


@pytest.fixture
def asked(stores: Stores, anna: Profile) -> Scope:
    """Seven donors of November; all but the last gave the same."""
    give(stores, anna, [*many("2026-11-05", "10", 6), ("2026-11-05", "5", "last")])
    return ask(anna, **NOVEMBER)


def test_pages_forward_and_back(stores: Stores, asked: Scope) -> None:
    first = donors(stores.database, asked, limit=3)
    second = donors(stores.database, asked, first.next, 3)
    third = donors(stores.database, asked, second.next, 3)
    assert [donor.donor_id for page in (first, second, third) for donor in page.donors] == [
        "d00", "d01", "d02", "d03", "d04", "d05", "last",
    ]  # fmt: skip
    assert [(page.first, page.whole) for page in (first, second, third)] == [(1, 7), (4, 7), (7, 7)]
    assert (first.previous, third.next) == (None, None)
    assert donors(stores.database, asked, limit=3, before=third.previous) == second
    assert donors(stores.database, asked, limit=3, before=second.previous) == first


def test_a_page_back_is_never_cut_short(stores: Stores, asked: Scope) -> None:
    third = donors(stores.database, asked, Place(Decimal(10), "d01"), 3)
    assert donors(stores.database, asked, limit=3, before=third.previous) == donors(
        stores.database, asked, limit=3
    )


def test_behind_the_last_there_is_nobody(stores: Stores, asked: Scope) -> None:
    page = donors(stores.database, asked, Place(Decimal(1), "x"))
    assert (page.donors, page.next, page.previous) == ((), None, None)


def test_every_donor_however_many(stores: Stores, asked: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.metrics.donors._AT_ONCE", 2)
    assert tuple(every_donor(stores.database, asked)) == donors(stores.database, asked).donors
