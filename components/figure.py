"""Figures as plain dicts: bars for money, straight lines for traffic.

Colours name the light scheme and are repainted by assets/tokens.css, so nothing here knows the scheme.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from components.format import Format
from components.tokens import FONT, SURFACES, TYPE, ink
from services.metrics.metric import Unit, Value
from services.metrics.report import Figure, Report

HEIGHT = 260
_TICKS = 5
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Series:
    """One metric as it is drawn: with the colour `ink`, and below zero when it is `less`."""

    key: str
    ink: str
    less: bool = False


def bars(report: Report, series: Sequence[Series], fmt: Format, ghost: str | None = None) -> dict[str, Any]:
    """Stacked bars; `ghost` is the metric whose compared values are drawn as a dotted outline."""
    names = _names(report, fmt)
    running = [bucket.running for bucket in report.buckets]
    traces: list[dict[str, Any]] = []
    for one in series:
        figure = report[one.key]
        if not any(figure.points) and len(series) > 1:
            continue
        traces.append(
            {
                "type": "bar",
                "name": figure.metric.label,
                "x": names,
                "y": [_drawn(value, one.less) for value in figure.points],
                "customdata": [_exact(figure, _signed(value, one.less), fmt) for value in figure.points],
                "hovertemplate": "%{customdata}",
                "marker": {
                    "color": ink(one.ink),
                    "line": {"width": 0},
                    "pattern": {
                        "shape": ["/" if now else "" for now in running],
                        "fillmode": "replace",
                        "fgcolor": ink(one.ink),
                        "size": 6,
                        "solidity": 0.35,
                    },
                },
            }
        )
    if ghost:
        traces += _ghost(report[ghost], names, fmt, "hvh")
    heights = [*_stacked(report, series), *(report[ghost].before_points if ghost else ())]
    return {"data": traces, "layout": _layout(report, report[series[0].key], heights, names, fmt)}


def lines(report: Report, series: Sequence[Series], fmt: Format, ghost: str | None = None) -> dict[str, Any]:
    """Straight lines; the step that is not over yet is reached by a dashed line."""
    names = _names(report, fmt)
    end = next((index for index, bucket in enumerate(report.buckets) if bucket.running), len(names))
    traces = _ghost(report[ghost], names, fmt, "linear") if ghost else []
    common = {"type": "scatter", "x": names, "connectgaps": False}
    for one in reversed(series):  # the first is drawn last, on top
        drawn = [_drawn(value) for value in report[one.key].points]
        line = {"color": ink(one.ink), "width": 2, "shape": "linear"}
        whole = [value if index < end else None for index, value in enumerate(drawn)]
        unfinished = [value if end - 1 <= index <= end else None for index, value in enumerate(drawn)]
        still = {**common, "mode": "lines", "hoverinfo": "skip"}
        traces.append({**still, "y": whole, "line": line})
        if end < len(names):
            traces.append({**still, "y": unfinished, "line": {**line, "dash": "4px,3px"}})
    for one in series:  # invisible points carry the tooltip, so that no step is named twice
        figure = report[one.key]
        drawn = [_drawn(value) for value in figure.points]
        traces.append(
            {
                **common,
                "y": drawn,
                "mode": "markers",
                "name": figure.metric.label,
                "marker": {"color": ink(one.ink), "size": _dots(drawn), "line": {"width": 0}},
                "customdata": [_exact(figure, value, fmt) for value in figure.points],
                "hovertemplate": "%{customdata}",
            }
        )
    shown = [value for one in series for value in report[one.key].points]
    heights = [*shown, *(report[ghost].before_points if ghost else ())]
    return {"data": traces, "layout": _layout(report, report[series[0].key], heights, names, fmt)}


def ticks(values: Iterable[Value], whole: bool) -> list[Decimal]:
    """Three or four round numbers from zero (or below it) that hold all `values`."""
    known = [Decimal(value) for value in values if value is not None]
    high, low = max([*known, Decimal(0)]), min([*known, Decimal(0)])
    if high == low:
        high = Decimal(1)
    raw = (high - low) / 3
    power = Decimal(1).scaleb(raw.adjusted())
    step = next(power * step for step in _STEPS if power * step >= raw)
    if whole:
        step = max(step.to_integral_value(ROUND_CEILING), Decimal(1))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * index for index in range(int(first), int(last) + 1)]


def _names(report: Report, fmt: Format) -> list[str]:
    scope = report.scope
    return [fmt.bucket(bucket, scope.granularity, scope.profile.tz) for bucket in report.buckets]


def _ghost(figure: Figure, names: list[str], fmt: Format, shape: str) -> list[dict[str, Any]]:
    before = figure.before_points[: len(names)]
    if not any(before):
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{figure.metric.label} before",
            "x": names[: len(before)],
            "y": [_drawn(value) for value in before],
            "line": {"color": ink("ghost"), "width": 1.5, "dash": "1px,3px", "shape": shape},
            "customdata": [_exact(figure, value, fmt) for value in before],
            "hovertemplate": "%{customdata}",
        }
    ]


def _layout(
    report: Report, figure: Figure, heights: Sequence[Value], names: list[str], fmt: Format
) -> dict[str, Any]:
    marks = ticks(heights, figure.metric.unit in (Unit.COUNT, Unit.SECONDS))
    labels = [fmt.compact(mark, figure.metric.unit, figure.currency) for mark in marks]
    scope, year = report.scope, report.scope.period.days > 366
    named = {
        index: fmt.tick(report.buckets[index], scope.granularity, scope.profile.tz, year)
        for index in spread(len(names))
    }
    return layout(names, named, dict(zip(marks, labels, strict=True)), heights)


def layout(
    names: Sequence[str], named: Mapping[int, str], marks: Mapping[Decimal, str], heights: Sequence[Value]
) -> dict[str, Any]:
    """The layout of a figure over steps with these `names`, some of which are `named` below it, whose axis
    has these `marks` and has room for the `heights`."""
    label = {"size": TYPE["small"]}
    return {
        "height": HEIGHT,
        "margin": {"l": 14 + 7 * max(map(len, marks.values())), "r": 2, "t": 8, "b": 28},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": TYPE["label"]},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": SURFACES["card"].light,
            "font": {"family": FONT, "size": TYPE["label"]},
            "align": "left",
        },
        "dragmode": False,
        "barmode": "relative",
        "bargap": 0.25 if len(names) < 60 else 0.1,
        "xaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(names),
            "range": [-0.5, len(names) - 0.5],
            "fixedrange": True,
            "showgrid": False,
            "showspikes": False,
            "tickmode": "array",
            # Just beside the step: a tooltip at exactly a tick would take the short name for its title.
            "tickvals": [index + len(names) / 2_000 for index in named],
            "ticktext": list(named.values()),
            "tickangle": 0,
            "ticklabelstandoff": 4,
            "tickfont": label,
        },
        "yaxis": {
            "range": _range(list(marks), heights),
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": [float(mark) for mark in marks],
            "ticktext": list(marks.values()),
            "tickfont": label,
            "zeroline": True,
            "zerolinewidth": 1,
            "ticklabelstandoff": 6,
            "gridwidth": 1,
        },
    }


def _range(marks: Sequence[Decimal], heights: Iterable[Value]) -> list[float]:
    """From a little below the lowest value to a little above the top line, which stays visible."""
    room = (marks[-1] - marks[0]) / 100
    lowest = min((Decimal(height) for height in heights if height), default=Decimal(0))
    return [float(max(marks[0], min(lowest, Decimal(0)) * Decimal("1.1")) - room), float(marks[-1] + room)]


def spread(many: int) -> list[int]:
    """The indexes of those of so many steps that are labelled: evenly spread, few enough for a phone."""
    stride = max(1, -(-many // _TICKS))
    return list(range(0, many, stride))


def _stacked(report: Report, series: Sequence[Series]) -> list[Value]:
    """The heights and the depths of the stacks."""
    ups = zip(*(report[one.key].points for one in series if not one.less), strict=True)
    downs = zip(*(report[one.key].points for one in series if one.less), strict=True)
    heights: list[Value] = [sum((Decimal(value or 0) for value in stack), Decimal(0)) for stack in ups]
    return heights + [-sum((Decimal(value or 0) for value in stack), Decimal(0)) for stack in downs]


def _dots(values: list[float | None]) -> list[int]:
    """The sizes of the points: none, but for one without neighbours, which no line would show."""
    padded = [None, *values, None]
    alone = [before is None and after is None for before, after in zip(padded, padded[2:], strict=False)]
    return [5 if lonely else 0 for lonely in alone]


def _exact(figure: Figure, value: Value, fmt: Format) -> str:
    return fmt.value(value, figure.metric.unit, figure.currency)


def _drawn(value: Value, less: bool = False) -> float | None:
    signed = _signed(value, less)
    return None if signed is None else float(signed)


def _signed(value: Value, less: bool) -> Value:
    return -value if less and value is not None else value
