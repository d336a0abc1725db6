"""From gross revenue down to gross profit: each step begins where the last one ended."""

from decimal import Decimal
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.card import attributes, card
from components.chart import CONFIG
from components.explain import words
from components.figure import CLEAR, HEIGHT, ticks
from components.format import Format
from components.sheet import Cell, Column, Line, sheet
from components.tokens import FONT, SURFACES, TYPE, ink
from services.metrics.metric import Unit
from services.metrics.report import Report
from services.metrics.revenue import SOURCES

STEPS = ("gross", "refunds", "net", "platformFees", "grossProfit")
"""A sum, what is taken off, what is left, and so on."""
_LESS = {"refunds": ("net", "quiet"), "platformFees": ("grossProfit", "platformFees")}
"""What is taken off reaches down to the sum that it leaves, in a colour of its own."""
KEYS = (*STEPS, *SOURCES)


def waterfall(report: Report, fmt: Format) -> Component | None:
    """The card with the drawing and its table; None when nothing was sold and nothing given back."""
    if not any(report[key].total for key in STEPS):
        return None
    title = "From gross revenue to gross profit"
    return card(
        title,
        html.Div(
            dcc.Graph(figure=figure(report, fmt), config=CONFIG, className="graph"),
            role="img",
            **attributes(aria_label=f"{title}. The values are in the table below the chart."),
        ),
        html.Div(_table(report, fmt), className="chart-foot"),
        name="chart-card",
    )


def figure(report: Report, fmt: Format) -> dict[str, Any]:
    """The drawing: sums stand on zero, gross revenue by source, and what is taken off hangs between them."""
    names = [_name(report, key) for key in STEPS]
    labels = {key: _label(report, key, fmt) for key in STEPS}
    traces = []
    below = Decimal(0)
    for source in SOURCES:
        value = Decimal(report[source].total or 0)
        if value:
            exact = fmt.value(value, Unit.MONEY, report.scope.currency)
            tip = f"{report[source].metric.label} {exact}"
            traces.append(_bar(names[0], value, below, source, tip))
            below += value
    for key, name in zip(STEPS[1:], names[1:], strict=True):
        left, colour = _LESS.get(key, (None, "quiet"))
        base = Decimal(report[left].total or 0) if left else Decimal(0)
        traces.append(_bar(name, Decimal(report[key].total or 0), base, colour, labels[key]))
    tops = [_top(report, key) for key in STEPS]
    marks = ticks([*tops, *(Decimal(report[key].total or 0) for key in ("net", "grossProfit"))], whole=False)
    room = (marks[-1] - marks[0]) / 9
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 2, "r": 2, "t": 8, "b": 44},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": {"family": FONT, "size": TYPE["label"]},
            "showlegend": False,
            "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": SURFACES["card"].light,
                "font": {"family": FONT, "size": TYPE["label"]},
            },
            "dragmode": False,
            "barmode": "overlay",
            "bargap": 0.3,
            "xaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": names,
                "fixedrange": True,
                "showgrid": False,
                "tickangle": 0,
                "tickfont": {"size": TYPE["small"]},
            },
            "yaxis": {
                "range": [float(marks[0]), float(marks[-1] + room)],
                "fixedrange": True,
                "tickvals": [float(mark) for mark in marks],
                "showticklabels": False,
                "zeroline": True,
                "zerolinewidth": 1,
            },
            "annotations": [
                {
                    "x": name,
                    "y": float(top),
                    "text": labels[key],
                    "showarrow": False,
                    "yanchor": "bottom",
                    "yshift": 2,
                }
                for key, name, top in zip(STEPS, names, tops, strict=True)
            ],
        },
    }


def _bar(name: str, value: Decimal, base: Decimal, colour: str, tip: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": [name],
        "y": [float(value)],
        "base": [float(base)],
        "marker": {"color": ink(colour), "line": {"width": 0}},
        "customdata": [tip],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _top(report: Report, key: str) -> Decimal:
    """How high a step reaches: what is taken off begins at the sum before it."""
    before = STEPS[STEPS.index(key) - 1] if key in _LESS else key
    return max(
        Decimal(report[before].total or 0), Decimal(report[key].total or 0) if key == before else Decimal(0)
    )


def _name(report: Report, key: str) -> str:
    return report[key].metric.label.replace(" ", "<br>")


def _label(report: Report, key: str, fmt: Format) -> str:
    total = report[key].total
    signed = -total if key in _LESS and total else total
    return fmt.headline(signed, Unit.MONEY, report.scope.currency)


def _table(report: Report, fmt: Format) -> Component:
    lines = [
        Line(
            [
                Cell(report[key].metric.label, prefix="less " if key in _LESS else "",
                     explain=words(report[key].metric, report.scope, fmt)),
                fmt.value(report[key].total, Unit.MONEY, report.scope.currency),
            ]
        )
        for key in STEPS
    ]  # fmt: skip
    found = sheet([Column("Step"), Column("Amount", "number")], lines, "Values of the chart")
    return html.Details([html.Summary("Show as a table"), found], className="as-table")
