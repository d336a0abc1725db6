"""Income from statements: every row has its place, and nothing doubles."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from models.clock import now
from models.errors import InvalidInput
from models.schema import transactions
from models.stores import Stores
from services import profiles, rollups, scope
from services.imports import ledger
from services.imports.account import Account
from services.imports.statements import read
from services.imports.transactions import import_transactions
from services.metrics import report
from services.profiles import Profile

File = Callable[[str, str], Path]
HEADER = "Date,Type,Name,Transaction ID,Reference Txn ID,Gross,Fee,Currency,Status\n"
SALES = (
    "2026-03-01,Payment,Ben,S-1,,100.00,-3.00,EUR,Completed\n"
    "2026-03-02,Payment,Cleo,S-2,,40.00,-1.50,EUR,Completed\n"
    "2026-03-03,Payment,Dora,S-3,,25.00,0.00,EUR,Pending\n"
    "2026-03-04,Withdrawal,,W-1,,-60.00,0.00,EUR,Completed\n"
)


def take(stores: Stores, anna: Profile, path: Path, kind: str = "booking") -> Account:
    return import_transactions(stores, anna, path, read(path), kind)


def total(stores: Stores, profile: Profile, key: str, **period: str) -> Decimal:
    asked = scope.parse(profile, period or {"from": "2026-01-01", "to": "2026-12-31"}, now())
    value = report(stores.database, asked, [key])[key].total
    assert value is not None
    return Decimal(value)


def test_positive_rows_are_income_and_the_rest_waits(stores: Stores, anna: Profile, file: File) -> None:
    account = take(stores, anna, file("a.csv", HEADER + SALES))
    assert account.places == {"stored": 3, "left for costs": 1, "moved forward": 0, "duplicate": 0}
    assert account.lines == 4
    assert total(stores, anna, "bookings") == 140
    assert total(stores, anna, "pending") == 25


def test_again_everything_is_a_duplicate(stores: Stores, anna: Profile, file: File) -> None:
    path = file("a.csv", HEADER + SALES)
    take(stores, anna, path)
    again = take(stores, anna, path)
    assert again.places["duplicate"] == 3
    assert again.places["stored"] == 0
    assert total(stores, anna, "bookings") == 140


def test_equal_rows_of_one_file_are_two_sales(stores: Stores, anna: Profile, file: File) -> None:
    rows = "Date,Description,Amount,Currency\n" + "2026-03-01,Coffee,5.00,EUR\n" * 3
    assert take(stores, anna, file("a.csv", rows)).places["stored"] == 3
    assert take(stores, anna, file("b.csv", rows + "2026-03-01,Coffee,5.00,EUR\n")).places["stored"] == 1
    assert total(stores, anna, "bookings") == 20


def test_a_pending_sale_that_comes_again_completed_moves_forward(
    stores: Stores, anna: Profile, file: File
) -> None:
    take(stores, anna, file("a.csv", HEADER + SALES))
    later = take(stores, anna, file("b.csv", HEADER + SALES.replace("Pending", "Completed")))
    assert later.places["moved forward"] == 1
    assert later.places["duplicate"] == 2
    assert total(stores, anna, "bookings") == 165
    assert total(stores, anna, "pending") == 0


def test_a_refund_moves_the_sale_that_it_names(stores: Stores, anna: Profile, file: File) -> None:
    # The newest row first, as most exports have it: the refund stands before its sale.
    refund = "2026-03-09,Refund,Ben,R-1,S-1,-30.00,0.90,EUR,Completed\n"
    account = take(stores, anna, file("a.csv", HEADER + refund + SALES))
    assert account.places["refund of a sale"] == 1
    assert (total(stores, anna, "bookings"), total(stores, anna, "refunds")) == (140, 30)
    again = take(stores, anna, file("b.csv", HEADER + refund + SALES))
    assert again.places["duplicate"] == 4
    assert total(stores, anna, "refunds") == 30
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_refunds_in_parts_from_two_files_add_up(stores: Stores, anna: Profile, file: File) -> None:
    take(stores, anna, file("a.csv", HEADER + SALES))
    for number in (1, 2):
        row = f"2026-04-0{number},Refund,Ben,R-{number},S-1,-30.00,0.00,EUR,Completed\n"
        take(stores, anna, file(f"r{number}.csv", HEADER + row))
    assert total(stores, anna, "refunds") == 60


def test_a_refund_whose_sale_is_unknown_is_listed(stores: Stores, anna: Profile, file: File) -> None:
    account = take(
        stores, anna, file("a.csv", HEADER + "2026-03-09,Refund,Zoe,R-9,S-9,-30.00,0.00,EUR,Completed\n")
    )
    assert account.places["rejected"] == 1
    assert account.rejected_file is not None
    assert "its sale is not known" in account.rejected_file.read_text()


def test_a_row_that_cannot_be_taken_is_listed_with_its_line(
    stores: Stores, anna: Profile, file: File
) -> None:
    account = take(
        stores, anna, file("a.csv", "Date,Amount,Currency\n2026-03-01,10,JPY\n2026-03-02,10.5,JPY\n")
    )
    assert account.places["stored"] == 1
    assert account.rejected_file is not None
    assert account.rejected_file.read_text().splitlines()[1].startswith("3,")
    assert "JPY has no decimals" in account.rejected_file.read_text()


def test_an_import_that_is_undone_leaves_nothing(stores: Stores, anna: Profile, file: File) -> None:
    take(stores, anna, file("a.csv", HEADER + SALES))
    refund = "2026-03-09,Refund,Ben,R-1,S-1,-30.00,0.00,EUR,Completed\n"
    second = take(
        stores, anna, file("b.csv", HEADER + refund + "2026-05-01,Payment,Eve,S-5,,10.00,0,EUR,Completed\n")
    )
    assert second.import_id is not None
    assert ledger.undo(stores.database, second.import_id) == 2
    assert (total(stores, anna, "bookings"), total(stores, anna, "refunds")) == (140, 0)
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_an_import_that_breaks_off_leaves_nothing(stores: Stores, anna: Profile, file: File) -> None:
    path = file("a.csv", HEADER + SALES)
    statement = read(path)

    def interrupt(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_transactions(stores, anna, path, statement, progress=interrupt)
    with stores.database.transaction() as tx:
        assert tx.rows(select(transactions)) == []
    assert ledger.listing(stores.database)[0].status == "failed"


def test_real_purchases_as_gifts(stores: Stores, real: Callable[[str], Path]) -> None:
    """The figures were counted by another program (see tests/data/README.md)."""
    with stores.database.transaction() as tx:
        shop = profiles.add(tx, name="Shop", time_zone="America/New_York", currency="USD", at=now())
    path = real("cdnow_purchases.csv")
    account = take(stores, shop, path, "gift")
    assert account.places == {"stored": 69_659, "moved forward": 0, "duplicate": 0}
    asked = scope.parse(shop, {"from": "1997-01-01", "to": "1998-06-30", "granularity": "month"}, now())
    figures = report(stores.database, asked, ["giftRevenue", "giftCount", "donorCount"])
    assert figures["giftRevenue"].total == Decimal("2500315.63")
    assert figures["donorCount"].total == 23_570
    by_month = dict(zip((bucket.first.isoformat()[:7] for bucket in figures.buckets), range(18), strict=True))
    for month, rows, amount in (
        ("1997-01", 8_928, "299060.17"),
        ("1997-02", 11_272, "379590.03"),
        ("1997-03", 11_598, "393155.27"),
        ("1997-12", 2_504, "95577.35"),
        ("1998-06", 2_043, "76109.30"),
    ):
        assert figures["giftCount"].points[by_month[month]] == rows
        assert figures["giftRevenue"].points[by_month[month]] == Decimal(amount)


def test_a_file_that_is_no_statement_stores_nothing(stores: Stores, anna: Profile, file: File) -> None:
    path = file("a.csv", "just some words\nand more of them\n")
    with pytest.raises(InvalidInput):
        take(stores, anna, path)
    assert ledger.listing(stores.database) == []
