"""How the installation does, for whoever operates it."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_time
from dash import dcc, html
from dash.development.base_component import Component

from components import figure, lists
from components.card import attributes, card, empty
from components.chart import CONFIG
from components.format import Format
from components.sheet import Cell, Column, Line, sheet, width
from components.tokens import ink
from services.metrics.metric import Unit
from services.operations import Endpoint, Point, States, Traffic, Window

WINDOWS = {Window.HOUR: "1 hour", Window.DAY: "24 hours", Window.WEEK: "7 days"}
_BEFORE = {Window.HOUR: "the last hour", Window.DAY: "the last 24 hours", Window.WEEK: "the last 7 days"}
_NOTHING = (
    "Nothing was asked",
    "Every call of the API is counted here, a second after it was answered.",
)
_TABLE = "table endpoints"
_PARAMETER = re.compile(r"<(?:[a-z]+:)?(\w+)>")
_ALL_WELL = ("No call failed", "Whatever is refused (4xx) or fails (5xx) is listed here.")


def windows(chosen: Window) -> Component:
    """The choice of how far back is looked."""
    options = {"" if window is Window.DAY else str(window): words for window, words in WINDOWS.items()}
    return lists.choices("How far back", "window", options, "" if chosen is Window.DAY else str(chosen))


def states(found: States, fmt: Format) -> Component:
    """Whether the stores answer and the worker works, and how domain events come in."""
    facts = [
        _state("PostgreSQL", found.postgresql, "Answers", "Is away"),
        _state("Redis", found.redis, "Answers", "Is away: live figures wait, the rest goes on"),
    ]
    if found.events is None:
        facts.append(_state("Workers", False, "", "Not known without Redis"))
        return card("What runs", html.Dl(facts, className="states"))
    many, waiting = found.events.workers, found.events.lag + found.events.pending
    facts += [
        _state(
            "Workers",
            many > 0,
            f"{fmt.count(many)} at work",
            "None: imports, alerts and domain events wait. Start worker.py",
        ),
        _state("Domain events", True, f"{fmt.count(waiting)} waiting", ""),
        _state(
            "Dead letters",
            not found.events.dead,
            "None",
            f"{fmt.count(found.events.dead)}: see manage.py events list-dead",
        ),
    ]
    return card("What runs", html.Dl(facts, className="states"))


def volume(found: Traffic, zone: ZoneInfo, fmt: Format) -> Component:
    """How many calls came, by minute or hour; what was refused or failed stands apart."""
    title = f"Calls of the API per {found.window.step}"
    if not found.requests:
        return card(title, empty(*_NOTHING), name="chart-card")
    names = [_name(point, found.window, zone, fmt) for point in found.points]
    series = [
        ("Answered", "accent", [point.requests - point.refused - point.failed for point in found.points]),
        ("Refused (4xx)", "ghost", [point.refused for point in found.points]),
        ("Failed (5xx)", "bad", [point.failed for point in found.points]),
    ]
    shown = [one for one in series if any(one[2])]
    key = [
        html.Li(
            [
                html.Span(className="swatch", style={"background": f"var(--{colour})"}),
                label,
                html.Span(fmt.count(sum(counts)), className="key-sum"),
            ]
        )
        for label, colour, counts in shown
    ]
    columns = [Column("When"), *(Column(label, "number") for label, _, _ in shown)]
    lines = [
        Line([name, *(fmt.count(counts[index]) for _, _, counts in shown)])
        for index, name in enumerate(names)
    ]
    return card(
        title,
        html.Ul(key, className="key"),
        html.Div(
            dcc.Graph(figure=_bars(found, names, shown, zone, fmt), config=CONFIG, className="graph"),
            role="img",
            **attributes(aria_label=f"{title}. The values are in the table below the chart."),
        ),
        html.Div(
            html.Details(
                [html.Summary("Show as a table"), sheet(columns, lines, "Values of the chart")],
                className="as-table",
            ),
            className="chart-foot",
        ),
        note=_sampled(found),
        name="chart-card",
    )


def slowest(found: Traffic, fmt: Format) -> Component:
    """The endpoints that take longest, by what 95 of 100 calls are below."""
    if not found.slowest:
        return card("Slowest", empty(*_NOTHING), name="list-card")
    most = Decimal(str(found.slowest[0].p95))
    columns = [
        Column("Endpoint", "bar-cell"),
        Column("Calls", "number"),
        Column("Median", "number extra", title="Half of the calls took no longer"),
        Column("95%", "number", title="95 of 100 calls took no longer"),
        Column("99%", "number extra", title="99 of 100 calls took no longer"),
    ]
    lines = [
        Line(
            [
                Cell(_called(each), bar=width(Decimal(str(each.p95)), most), ink="accent"),
                fmt.count(each.requests),
                _took(each.median, fmt),
                _took(each.p95, fmt),
                _took(each.p99, fmt),
            ]
        )
        for each in found.slowest
    ]
    note = f"By the time that 95 of 100 calls stay below, in {_BEFORE[found.window]}."
    return card(
        "Slowest", sheet(columns, lines, "Slowest endpoints", style=_TABLE), note=note, name="list-card"
    )


def failing(found: Traffic, fmt: Format) -> Component:
    """The endpoints that fail or refuse most."""
    if not found.failing:
        return card("Failing", empty(*_ALL_WELL), name="list-card")
    columns = [
        Column("Endpoint"),
        Column("Calls", "number extra"),
        Column("Refused", "number", title="Answered with 4xx: the caller's mistake"),
        Column("Failed", "number", title="Answered with 5xx: our mistake, or a store that is away"),
    ]
    lines = [
        Line(
            [
                _called(each),
                fmt.count(each.requests),
                _share(each.refused, each, fmt),
                _share(each.failed, each, fmt, "bad"),
            ]
        )
        for each in found.failing
    ]
    note = f"What fails first, then what is refused most, in {_BEFORE[found.window]}."
    return card(
        "Failing", sheet(columns, lines, "Failing endpoints", style=_TABLE), note=note, name="list-card"
    )


def _state(name: str, well: bool, good: str, bad: str) -> Component:
    said = html.Dd(
        [html.Span(className=f"state-dot {'good' if well else 'bad'}", **attributes(aria_hidden="true")),
         good if well else bad]
    )  # fmt: skip
    return html.Div([html.Dt(name), said])


def _bars(
    found: Traffic,
    names: Sequence[str],
    shown: Sequence[tuple[str, str, Sequence[int]]],
    zone: ZoneInfo,
    fmt: Format,
) -> dict[str, Any]:
    traces = [
        {
            "type": "bar",
            "name": label,
            "x": names,
            "y": list(counts),
            "customdata": [fmt.count(count) for count in counts],
            "hovertemplate": "%{customdata}",
            "marker": {"color": ink(colour), "line": {"width": 0}},
        }
        for label, colour, counts in shown
    ]
    heights = [point.requests for point in found.points]
    marks = {mark: fmt.compact(mark, Unit.COUNT) for mark in figure.ticks(heights, whole=True)}
    named = {
        index: _tick(found.points[index], found.window, zone, fmt) for index in figure.spread(len(names))
    }
    return {"data": traces, "layout": figure.layout(names, named, marks, heights)}


def _name(point: Point, window: Window, zone: ZoneInfo, fmt: Format) -> str:
    """The full name of a step, unique within the chart: twice a year an hour comes again."""
    local = point.start.astimezone(zone)
    again = " (again)" if local.fold else ""
    return f"{fmt.day_month(local.date())}, {_time(point, zone, fmt)}{again}"


def _tick(point: Point, window: Window, zone: ZoneInfo, fmt: Format) -> str:
    if window is Window.WEEK:
        return fmt.day_month(point.start.astimezone(zone).date())
    return _time(point, zone, fmt)


def _time(point: Point, zone: ZoneInfo, fmt: Format) -> str:
    return format_time(point.start.astimezone(zone), "short", tzinfo=zone, locale=fmt.words)


def _sampled(found: Traffic) -> str | None:
    if not found.is_sampled:
        return None
    return "More came than could be noted down: some calls stand for several, and figures are about right."


def _called(each: Endpoint) -> str:
    """An endpoint as the documentation writes it: "GET /api/pnl/:profileId"."""
    name = "Unknown addresses" if each.endpoint == "unknown" else _PARAMETER.sub(r":\1", each.endpoint)
    return f"{each.method} {name}"


def _took(milliseconds: float, fmt: Format) -> str:
    if milliseconds < 10:
        return f"{fmt.count(Decimal(str(round(milliseconds, 1))))} ms"
    if milliseconds < 10_000:
        return f"{fmt.count(round(milliseconds))} ms"
    return fmt.duration(Decimal(str(round(milliseconds / 1000))))


def _share(many: int, each: Endpoint, fmt: Format, style: str = "") -> Cell:
    """How many, and which part of all calls that is; zeros are muted."""
    if not many:
        return Cell("0", "muted")
    return Cell(fmt.percent(Decimal(many) / each.requests, exact=False), style, note=fmt.count(many))
