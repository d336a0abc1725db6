"""What changed most, as it is read."""

from dataclasses import replace
from decimal import Decimal

from components.format import Format
from components.movers import money, views
from models.period import Comparison
from services.metrics import METRICS
from services.metrics.breakdown import Breakdown, Row
from services.metrics.movers import Mover
from services.scope import Scope
from tests.components.conftest import Make
from tests.components.text import find, text


def test_what_a_part_did_to_profit(make: Make, scope: Scope, english: Format) -> None:
    costs = make(tools=([Decimal(150)], [Decimal(100)]))["tools"]
    drawn = money([Mover(costs, Decimal(-50))], scope, english)
    assert "Tools €150.00 from €100.00, +50% −€50.00" in text(drawn)
    assert find(drawn, "Span")[0].className == "change bad"


def test_a_source_that_is_gone(scope: Scope, english: Format) -> None:
    row = Row("TikTok", {"views": 0}, None, {"views": 12})
    assert "TikTok 0 from 12, −100% −12" in text(
        views(Breakdown(scope, (METRICS["views"],), (row,)), english)
    )


def test_nothing_to_list_says_why(scope: Scope, english: Format) -> None:
    assert "Nothing to compare with yet" in text(money([], scope, english))
    assert "Nothing is compared" in text(money([], replace(scope, comparison=Comparison.NONE), english))
