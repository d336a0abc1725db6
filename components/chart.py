"""A chart on a card: a title that says what it shows, a key with sums, the drawing, and its table."""

from collections.abc import Callable, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.card import Children, attributes, card, empty
from components.explain import explained
from components.figure import Series, bars
from components.format import Format
from components.periods import STEPS, before, running
from components.sheet import Column, Line, sheet
from models.period import Granularity
from services.metrics.report import Figure, Report

Draw = Callable[..., dict[str, Any]]

CONFIG: Any = {"displayModeBar": False, "responsive": True, "doubleClick": False, "showTips": False}


def chart(
    draw: Draw,
    report: Report,
    series: Sequence[Series],
    title: str,
    fmt: Format,
    *,
    ghost: str | None = None,
    nothing: tuple[str, Children] = ("Nothing in this period", "Choose a longer one above."),
    above: Component | None = None,
) -> Component:
    """The `series` of a report as `draw` (figure.bars or figure.lines) draws them; `nothing` says what
    will be here while there is no data. Where the sums stand in what is `above`, the key has none."""
    if not any(any(report[one.key].points) for one in series):
        return card(title, above, empty(*nothing, everything(report)), name="chart-card")
    ghost = ghost if report.compared and ghost and any(report[ghost].before_points) else None
    title = f"{title} per {report.scope.granularity}"
    return card(
        title,
        above,
        key(report, series, fmt, ghost, sums=above is None),
        html.Div(
            dcc.Graph(figure=draw(report, series, fmt, ghost), config=CONFIG, className="graph"),
            role="img",
            **attributes(aria_label=f"{title}. The values are in the table below the chart."),
        ),
        html.Div([table(report, series, fmt), _unfinished(report, draw is bars)], className="chart-foot"),
        action=steps(report),
        name="chart-card",
    )


def everything(report: Report) -> Component | None:
    """The way to older data, where there is some."""
    if report.begun is None or report.begun >= report.scope.period.first:
        return None
    return html.Button(
        "Show all time", type="button", className="button", **attributes(data_set="period=all")
    )


def key(
    report: Report, series: Sequence[Series], fmt: Format, ghost: str | None, sums: bool = True
) -> Component:
    """What each colour is, with its sum over the period."""
    items = [
        html.Li(
            [
                html.Span(className="swatch", style={"background": f"var(--{one.ink})"}),
                explained(report[one.key].metric, report.scope, fmt),
                html.Span(_sum(report[one.key], one.less, fmt), className="key-sum") if sums else None,
            ]
        )
        for one in series
        if len(series) == 1 or any(report[one.key].points)
    ]
    if ghost:
        items.append(html.Li([html.Span(className="swatch dotted"), before(report, fmt)], className="muted"))
    return html.Ul(items, className="key")


def _sum(figure: Figure, less: bool, fmt: Format) -> str:
    total = -figure.total if less and figure.total else figure.total
    return fmt.headline(total, figure.metric.unit, figure.currency)


def steps(report: Report) -> Component | None:
    """The choice between days, weeks and months, where there is one."""
    scope = report.scope
    if scope.granularity is Granularity.HOUR:
        return None
    # Steps longer than the period say nothing; steps too fine to be seen say no more.
    fits = {
        Granularity.DAY: scope.period.days <= 400,
        Granularity.WEEK: 14 <= scope.period.days <= 1_500,
        Granularity.MONTH: scope.period.days > 45,
    }
    offered = [step for step in STEPS if fits[step] or step is scope.granularity]
    if len(offered) < 2:
        return None
    return html.Div(
        [
            html.Button(
                STEPS[step],
                type="button",
                className="step",
                **attributes(
                    data_set=f"granularity={step}", aria_pressed=str(step is scope.granularity).lower()
                ),
            )
            for step in offered
        ],
        className="steps",
        role="group",
        **attributes(aria_label="Steps of the chart"),
    )


def table(report: Report, series: Sequence[Series], fmt: Format) -> Component:
    """The same values as a table behind a toggle."""
    scope = report.scope
    figures = [report[one.key] for one in series]
    columns = [Column("When"), *(Column(figure.metric.label, "number") for figure in figures)]
    lines = [
        Line(
            [
                fmt.bucket(bucket, scope.granularity, scope.profile.tz),
                *(fmt.value(one.points[index], one.metric.unit, one.currency) for one in figures),
            ]
        )
        for index, bucket in enumerate(report.buckets)
    ]
    return html.Details(
        [html.Summary("Show as a table"), sheet(columns, lines, "Values of the chart")], className="as-table"
    )


def _unfinished(report: Report, hatched: bool) -> Component | None:
    name = running(report.scope)
    style = "Hatched" if hatched else "Dashed"
    return html.Span(f"{style}: {name}, so far", className=f"unfinished {style.lower()}") if name else None
