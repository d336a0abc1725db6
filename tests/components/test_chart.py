"""A chart on its card: title, key, table, empty state, choice of steps."""

from dataclasses import replace
from decimal import Decimal

from components import figure
from components.chart import chart, steps
from components.figure import Series
from components.format import Format
from models.period import Granularity, Period
from services.scope import Scope
from tests.components.conftest import NOW, Make
from tests.components.text import find, rows, text

GIFTS = (Series("gifts", "gifts"), Series("refunds", "quiet", less=True))


def test_the_title_says_what_is_shown(make: Make, english: Format) -> None:
    drawn = chart(figure.bars, make(gifts=[Decimal(5)] * 7), GIFTS[:1], "Gifts", english)
    assert text(drawn).startswith("Gifts per day")


def test_the_key_holds_the_sums(make: Make, english: Format) -> None:
    drawn = chart(
        figure.bars, make(gifts=[Decimal(5)] * 7, refunds=[Decimal(1)] * 7), GIFTS, "Money", english
    )
    assert "Gifts €35.00 Refunds −€7.00" in text(drawn)


def test_all_values_stand_in_a_table(make: Make, english: Format) -> None:
    drawn = chart(
        figure.lines, make(views=[1, 2, None, 4, 5, 0, 1234]), [Series("views", "accent")], "Views", english
    )
    found = rows(drawn)
    assert found[0] == "When Views"
    assert found[3].endswith(" –")
    assert found[6].endswith(" 0")
    assert found[7].endswith("so far 1,234")


def test_the_unfinished_step_is_said(make: Make, english: Format) -> None:
    views, money = make(views=[1] * 7), make(gifts=[Decimal(1)] * 7)
    assert "Dashed: today, so far" in text(
        chart(figure.lines, views, [Series("views", "accent")], "Views", english)
    )
    assert "Hatched: today, so far" in text(chart(figure.bars, money, GIFTS[:1], "Gifts", english))


def test_nothing_to_draw_says_what_will_be_here(make: Make, english: Format) -> None:
    drawn = chart(
        figure.bars, make(gifts=[Decimal(0)] * 7), GIFTS[:1], "Gifts", english, nothing=("No gifts", "Soon.")
    )
    assert text(drawn) == "Gifts No gifts Soon. Show all time"
    assert not find(drawn, "Graph")


def test_there_is_no_way_to_older_data_where_there_is_none(make: Make, english: Format) -> None:
    nothing = replace(make(gifts=[Decimal(0)] * 7), begun=None)
    drawn = chart(figure.bars, nothing, GIFTS[:1], "Gifts", english, nothing=("No gifts", "Soon."))
    assert text(drawn) == "Gifts No gifts Soon."


def test_the_ghost_is_named_in_the_key(make: Make, english: Format) -> None:
    report = make(gifts=([Decimal(5)] * 7, [Decimal(4)] * 7))
    assert "the 7 days before" in text(chart(figure.bars, report, GIFTS[:1], "Gifts", english, ghost="gifts"))


def test_no_ghost_of_nothing(make: Make, english: Format) -> None:
    report = make(gifts=([Decimal(5)] * 7, [Decimal(0)] * 7))
    assert "before" not in text(chart(figure.bars, report, GIFTS[:1], "Gifts", english, ghost="gifts"))


def test_only_steps_that_fit_are_offered(make: Make, scope: Scope) -> None:
    def offered(name: str, granularity: Granularity) -> str:
        period = Period.named(name, "Europe/Berlin", NOW)
        return text(steps(make(replace(scope, period=period, granularity=granularity))))

    assert offered("7d", Granularity.DAY) == ""
    assert offered("30d", Granularity.DAY) == "Day Week"
    assert offered("90d", Granularity.WEEK) == "Day Week Month"
    assert offered("24h", Granularity.HOUR) == ""
