"""Figures draw what the report says, and invent nothing."""

from decimal import Decimal

from components import figure
from components.figure import Series, ticks
from components.format import Format
from tests.components.conftest import Make

VIEWS = [Series("views", "accent")]


def test_ticks_are_round_and_begin_at_zero() -> None:
    assert ticks([3, 47, 12], whole=True) == [0, 20, 40, 60]
    assert ticks([Decimal("0.013"), None], whole=False) == [
        Decimal("0.000"),
        Decimal("0.005"),
        Decimal("0.010"),
        Decimal("0.015"),
    ]
    assert ticks([1], whole=True) == [0, 1]
    assert ticks([], whole=True) == [0, 1]


def test_ticks_reach_below_zero() -> None:
    assert ticks([100, -20], whole=True) == [-50, 0, 50, 100]


def test_a_gap_stays_a_gap(make: Make, english: Format) -> None:
    drawn = figure.lines(make(views=[1, 2, None, 4, 5, 0, 7]), VIEWS, english)
    whole = drawn["data"][0]
    assert whole["y"][2] is None
    assert whole["y"][5] == 0
    assert whole["connectgaps"] is False


def test_lines_are_straight(make: Make, english: Format) -> None:
    drawn = figure.lines(make(views=[1] * 7), VIEWS, english)
    assert all(trace["line"]["shape"] == "linear" for trace in drawn["data"] if trace["mode"] == "lines")


def test_the_running_step_is_reached_by_a_dashed_line(make: Make, english: Format) -> None:
    whole, dashed, _ = figure.lines(make(views=[1, 2, 3, 4, 5, 6, 7]), VIEWS, english)["data"]
    assert whole["y"] == [1, 2, 3, 4, 5, 6, None]
    assert dashed["y"] == [None] * 5 + [6, 7]
    assert dashed["line"]["dash"]


def test_a_point_without_neighbours_is_seen(make: Make, english: Format) -> None:
    points = figure.lines(make(views=[None, 3, None, 1, 1, 1, 1]), VIEWS, english)["data"][-1]
    assert [size > 0 for size in points["marker"]["size"]] == [False, True] + [False] * 5


def test_the_tooltip_holds_the_exact_value_once(make: Make, english: Format) -> None:
    drawn = figure.lines(make(views=[1234567, 2, 3, 4, 5, 6, 7]), VIEWS, english)["data"]
    told = [trace for trace in drawn if trace.get("hoverinfo") != "skip"]
    assert [trace["name"] for trace in told] == ["Views"]
    assert told[0]["customdata"][0] == "1,234,567"


def test_the_running_bar_is_hatched(make: Make, english: Format) -> None:
    bar = figure.bars(make(gifts=[Decimal(5)] * 7), [Series("gifts", "gifts")], english)["data"][0]
    assert bar["marker"]["pattern"]["shape"] == [""] * 6 + ["/"]


def test_what_is_taken_off_hangs_below_zero(make: Make, english: Format) -> None:
    report = make(gifts=[Decimal(50)] * 7, refunds=[Decimal(20)] * 7)
    drawn = figure.bars(report, [Series("gifts", "gifts"), Series("refunds", "quiet", less=True)], english)
    assert drawn["data"][1]["y"] == [-20] * 7
    assert drawn["data"][1]["customdata"][0] == "−€20.00"
    assert drawn["layout"]["yaxis"]["range"][0] < -20


def test_money_begins_at_zero(make: Make, english: Format) -> None:
    low, high = figure.bars(make(gifts=[Decimal(990)] * 7), [Series("gifts", "gifts")], english)["layout"][
        "yaxis"
    ]["range"]
    assert low <= 0 < 990 <= high


def test_a_stack_fits_the_axis(make: Make, english: Format) -> None:
    report = make(gifts=[Decimal(90)] * 7, bookings=[Decimal(90)] * 7)
    drawn = figure.bars(report, [Series("gifts", "gifts"), Series("bookings", "bookings")], english)
    assert drawn["layout"]["yaxis"]["range"][1] >= 180


def test_a_source_without_money_is_no_bar(make: Make, english: Format) -> None:
    report = make(gifts=[Decimal(90)] * 7, affiliate=[Decimal(0)] * 7)
    drawn = figure.bars(report, [Series("gifts", "gifts"), Series("affiliate", "affiliate")], english)
    assert [trace["name"] for trace in drawn["data"]] == ["Gifts"]


def test_the_compared_period_is_a_dotted_ghost(make: Make, english: Format) -> None:
    drawn = figure.lines(make(views=([1] * 7, [4] * 7)), VIEWS, english, ghost="views")
    ghost = drawn["data"][0]
    assert (ghost["name"], ghost["y"]) == ("Views before", [4] * 7)
    assert ghost["line"]["dash"] != "solid"
    assert drawn["layout"]["yaxis"]["range"][1] >= 4


def test_a_longer_ghost_is_cut(make: Make, english: Format) -> None:
    drawn = figure.lines(make(views=([1] * 7, [4] * 9)), VIEWS, english, ghost="views")
    assert len(drawn["data"][0]["x"]) == len(drawn["data"][0]["y"]) == 7


def test_few_enough_labels_for_a_phone(make: Make, english: Format) -> None:
    axis = figure.lines(make(views=[1] * 7), VIEWS, english)["layout"]["xaxis"]
    assert 2 <= len(axis["ticktext"]) <= 5
    assert axis["ticktext"][0] == "Nov 18"


def test_the_tooltip_is_headed_by_the_full_name(make: Make, english: Format) -> None:
    """Plotly takes the label of a tick for it where one stands exactly at the step."""
    axis = figure.lines(make(views=[1] * 7), VIEWS, english)["layout"]["xaxis"]
    assert axis["categoryarray"][0] == "Wed, Nov 18, 2026"
    assert all(isinstance(place, float) and place % 1 for place in axis["tickvals"])
