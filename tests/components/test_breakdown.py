"""Tables by an attribute."""

from decimal import Decimal

from components.breakdown import breakdown, parts
from components.format import Format
from services.metrics import METRICS
from services.metrics.breakdown import Breakdown, Row
from services.scope import Scope
from tests.components.conftest import Make
from tests.components.text import cell, rows, text

MONEY = (METRICS["giftRevenue"], METRICS["giftCount"])


def row(key: str, revenue: int, count: int, share: str, before: int | None = None) -> Row:
    earlier = None if before is None else {"giftRevenue": Decimal(before), "giftCount": 1}
    return Row(key, {"giftRevenue": Decimal(revenue), "giftCount": count}, Decimal(share), earlier)


def test_rows_with_their_figures(scope: Scope, english: Format) -> None:
    data = Breakdown(scope, MONEY, (row("Flowers", 1200, 3, "0.75", 1000), row("Books", 400, 1, "0.25", 0)))
    assert rows(breakdown(data, "Gifts", "Category", english)) == [
        "Category Gift revenue Gifts Change",
        "Flowers €1,200.00 3 +20%",
        "Books €400.00 1 new",
    ]


def test_no_change_without_a_comparison(scope: Scope, english: Format) -> None:
    data = Breakdown(scope, MONEY, (row("Flowers", 1200, 3, "1"),))
    assert rows(breakdown(data, "Gifts", "Category", english)) == [
        "Category Gift revenue Gifts",
        "Flowers €1,200.00 3",
    ]


def test_the_largest_bar_is_full(scope: Scope, english: Format) -> None:
    data = Breakdown(scope, MONEY, (row("Flowers", 60, 3, "0.6"), row("Books", 30, 1, "0.3")))
    drawn = breakdown(data, "", "", english)
    assert [cell(drawn, row, 0)["bar"] for row in (0, 1)] == [100, 50]


def test_rows_left_out_are_counted(scope: Scope, english: Format) -> None:
    data = Breakdown(scope, MONEY, (row("Flowers", 60, 3, "1"),), more=1200)
    assert "1,200 smaller ones are left out." in text(breakdown(data, "Gifts", "Category", english))


def test_empty_says_what_will_be_here(scope: Scope, english: Format) -> None:
    drawn = breakdown(
        Breakdown(scope, MONEY, ()), "Gifts", "Category", english, nothing=("No gifts", "Soon.")
    )
    assert text(drawn) == "Gifts No gifts Soon."


def test_parts_of_a_whole(make: Make, english: Format) -> None:
    report = make(
        gross=([Decimal(100)], [Decimal(50)]),
        gifts=([Decimal(75)], [Decimal(50)]),
        bookings=([Decimal(25)], [Decimal(0)]),
    )
    drawn = parts(report, "gross", ("gifts", "bookings"), "By source", english)
    assert rows(drawn)[1:] == ["Gifts €75.00 75.0% €50.00 +50%", "Bookings €25.00 25.0% €0.00 –"]


def test_a_bar_of_nothing_is_no_bar(make: Make, english: Format) -> None:
    report = make(gross=([Decimal(100)], [Decimal(50)]), gifts=([Decimal(0)], [Decimal(50)]))
    assert cell(parts(report, "gross", ("gifts",), "By source", english), 0, 0)["bar"] == 0
