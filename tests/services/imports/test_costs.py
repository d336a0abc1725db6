"""Costs from statements and lists."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from models.clock import now
from models.stores import Stores
from services import scope
from services.imports import ledger
from services.imports.costs import INCOME, import_costs
from services.imports.statements import read
from services.metrics import report
from services.profiles import Profile

File = Callable[[str, str], Path]
COSTS = ("costs", "marketing", "subscriptionCosts", "tools", "platformFees")


def spent(stores: Stores, anna: Profile) -> dict[str, Decimal]:
    asked = scope.parse(anna, {"from": "2026-01-01", "to": "2026-12-31"}, now())
    figures = report(stores.database, asked, COSTS)
    return {key: Decimal(figures[key].total or 0) for key in COSTS if figures[key].total}


def test_negative_rows_and_the_fees_of_sales_are_costs(stores: Stores, anna: Profile, file: File) -> None:
    path = file(
        "a.csv",
        "Date,Name,Gross,Fee,Currency\n"
        "2026-03-01,Ben,100.00,-3.00,EUR\n"
        "2026-03-02,Camera shop,-250.00,0.00,EUR\n"
        "2026-03-03,Cleo,20.00,0.00,EUR\n",
    )
    account = import_costs(stores, anna, path, read(path))
    assert account.places == {"stored": 2, "duplicate": 0, INCOME: 1}
    assert spent(stores, anna) == {"costs": 253, "tools": 250, "platformFees": 3}


def test_a_list_of_costs_has_positive_amounts_and_categories(
    stores: Stores, anna: Profile, file: File
) -> None:
    path = file(
        "costs.csv",
        "date,category,description,amount,currency\n"
        "2026-03-01,marketing,Advert,30.00,EUR\n"
        "2026-03-02,platform fees,Listing,12.50,EUR\n"
        "2026-03-03,something,Lamp,20.00,EUR\n",
    )
    account = import_costs(stores, anna, path, read(path), category="subscriptions")
    assert account.places["stored"] == 3
    assert "every amount is a cost" in account.notes[-1]
    assert spent(stores, anna) == {
        "costs": Decimal("62.50"), "marketing": 30, "platformFees": Decimal("12.50"), "subscriptionCosts": 20,
    }  # fmt: skip


def test_again_nothing_doubles_and_undo_takes_it_back(stores: Stores, anna: Profile, file: File) -> None:
    path = file(
        "a.csv", "Date,Text,Amount,Currency\n2026-03-01,Rent,-10.00,EUR\n2026-03-01,Rent,-10.00,EUR\n"
    )
    first = import_costs(stores, anna, path, read(path))
    again = import_costs(stores, anna, path, read(path))
    assert (first.places["stored"], again.places["duplicate"]) == (2, 2)
    assert spent(stores, anna)["costs"] == 20
    assert first.import_id is not None
    assert ledger.undo(stores.database, first.import_id) == 2
    assert spent(stores, anna) == {}
