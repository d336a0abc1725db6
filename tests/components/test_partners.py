"""The sentence about partners, and their table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from components.format import Format
from components.partners import lead, partners
from services.metrics.duo import Partner, Partners, Rhythm, Shared
from services.metrics.report import Report
from services.scope import Scope
from tests.components.text import cell, rows, text

NOTHING = ("No partners", "Soon.")
NOA = Partner(
    "noa",
    Shared(
        3, Decimal(180), Decimal(120), Decimal("0.6"), Decimal("1.5"), date(2026, 11, 1), date(2026, 11, 20)
    ),
    Shared(2, Decimal(150), Decimal(100), Decimal("0.6"), Decimal(1), date(2026, 10, 1), date(2026, 10, 20)),
    Rhythm(5, date(2026, 11, 20), 4, Decimal(10)),
    best=True,
)
ELIF = Partner("elif", Shared(), replace(NOA.now), Rhythm(4, date(2026, 9, 1), 84, Decimal("20.5")))


def test_rows(scope: Scope, english: Format) -> None:
    found = Partners(
        scope, scope.before(), True, (NOA, ELIF, replace(NOA, partner_id="new", before=Shared()))
    )
    assert rows(partners(found, english, NOTHING)) == [
        "Partner Bookings Total Your share Split A month Last booking Change",
        "noa Best 3 €300.00 €180.00 60% : 40% 1.5 Nov 20, 2026 +20%",
        "elif Fading: last booking 84 days ago, usually every 20.5 days "
        "0 €0.00 €0.00 – – Sep 1, 2026 \N{MINUS SIGN}100%",
        "new Best 3 €300.00 €180.00 60% : 40% 1.5 Nov 20, 2026 new",
    ]
    assert cell(partners(found, english, NOTHING), 1, 7)["style"] == "bad"


def test_a_period_that_is_no_measure_has_no_change(scope: Scope, english: Format) -> None:
    found = Partners(scope, scope.before(), False, (NOA, replace(NOA, partner_id="new", before=Shared())))
    assert [row.split()[-1] for row in rows(partners(found, english, NOTHING))[1:]] == ["–", "–"]
    alone = Partners(scope, None, False, (replace(NOA, before=None),))
    assert rows(partners(alone, english, NOTHING))[0].endswith("Last booking")


def test_the_rest_is_counted(scope: Scope, english: Format) -> None:
    drawn = partners(Partners(scope, None, False, (NOA,), more=1_200), english, NOTHING)
    assert "1,200 with a smaller share are left out." in text(drawn)


def test_nothing(scope: Scope, english: Format) -> None:
    assert text(partners(Partners(scope, None, False, ()), english, NOTHING)) == "With whom No partners Soon."


def test_the_sentence_names_the_best_and_the_fading(
    scope: Scope, english: Format, make: Callable[..., Report]
) -> None:
    report = make(duoRevenue=([Decimal(12)] * 7, [Decimal(10)] * 7))
    many = (NOA, ELIF, replace(ELIF, partner_id="ada"), replace(ELIF, partner_id="bo"))
    told = text(lead(report, Partners(scope, scope.before(), True, many), english))
    assert told.startswith("Shared revenue is up 20% on the 7 days before")
    assert told.endswith("Best partner: noa. Fading: elif , ada and 1 more.")
    assert "Best" not in text(lead(report, Partners(scope, None, False, ()), english))


def test_the_only_partner_is_not_called_the_best(
    scope: Scope, english: Format, make: Callable[..., Report]
) -> None:
    alone = Partners(scope, None, False, (NOA,))
    assert "Best" not in text(lead(make(duoRevenue=[Decimal(12)] * 7), alone, english))
    assert "Best" not in text(partners(alone, english, NOTHING))
