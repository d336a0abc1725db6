"""What is given, and what to offer more of."""

from decimal import Decimal

from components.categories import categories
from components.format import Format
from services.metrics import METRICS
from services.metrics.breakdown import Breakdown, Row
from services.scope import Scope
from tests.components.text import rows, text

NOTHING = ("No gifts", "Soon.")
SHOWN = (METRICS["giftRevenue"], METRICS["giftCount"])


def of(scope: Scope, *rows: tuple[str, int, int | None]) -> Breakdown:
    """Categories with their revenue now and before."""
    return Breakdown(
        scope,
        SHOWN,
        tuple(
            Row(
                name,
                {"giftRevenue": Decimal(now), "giftCount": 1},
                Decimal(1),
                None if before is None else {"giftRevenue": Decimal(before), "giftCount": 1},
            )
            for name, now, before in rows
        ),
    )


def test_what_grew_most_in_money_is_worth_offering(scope: Scope, english: Format) -> None:
    drawn = categories(of(scope, ("wine", 500, 400), ("roses", 350, 100), ("", 900, 0)), english, NOTHING)
    assert "roses grew most: €250.00 more, €350.00 from €100.00. Worth offering more of." in text(drawn)
    assert rows(drawn)[1:] == ["wine €500.00 1 +25%", "roses €350.00 1 +250%", "No category €900.00 1 new"]


def test_where_nothing_grew_nothing_is_said(scope: Scope, english: Format) -> None:
    drawn = categories(of(scope, ("wine", 500, 500), ("roses", 50, 100)), english, NOTHING)
    assert "grew" not in text(drawn)


def test_without_a_comparison_nothing_is_said(scope: Scope, english: Format) -> None:
    drawn = categories(of(scope, ("wine", 500, None)), english, NOTHING)
    assert "grew" not in text(drawn)
    assert rows(drawn) == ["Category Gift revenue Gifts", "wine €500.00 1"]


def test_no_gifts(scope: Scope, english: Format) -> None:
    assert text(categories(of(scope), english, NOTHING)) == "What is given No gifts Soon."
