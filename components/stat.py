"""The few numbers at the top of a page: value, change against the comparison, and a small line."""

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from components.card import Children, attributes, card, icon
from components.explain import explained
from components.format import NO_DATA, Format
from services.metrics.metric import Good, Unit, Value
from services.metrics.report import Figure, Report

_WIDTH, _TALL = 120, 28
_LEAST_FELT = Decimal("0.0005")


def stats(report: Report, keys: Sequence[str], fmt: Format) -> Component:
    """The metrics of `keys` side by side on one card."""
    return html.Section(_each(report, keys, fmt), className=f"card stats of-{len(keys)}")


def inner(report: Report, keys: Sequence[str], fmt: Format) -> Component:
    """The same as a part of a card."""
    return html.Div(_each(report, keys, fmt), className=f"stats inner of-{len(keys)}")


def _each(report: Report, keys: Sequence[str], fmt: Format) -> list[Component]:
    return [stat(report, key, fmt) for key in keys]


def stat(report: Report, key: str, fmt: Format) -> Component:
    """One number with its label."""
    figure = report[key]
    metric = figure.metric
    return html.Div(
        [
            html.H2(explained(metric, report.scope, fmt), className="stat-label"),
            html.P(
                fmt.headline(figure.total, metric.unit, figure.currency),
                className="stat-number" if figure.total is not None else "stat-number none",
                title=fmt.value(figure.total, metric.unit, figure.currency),
            ),
            html.P(change(figure, fmt), className="stat-change") if report.compared else None,
            spark(figure.points),
        ],
        className="stat",
    )


def listing(report: Report, keys: Sequence[str], title: str, fmt: Format) -> Component:
    """The metrics of `keys` below each other, with what each means."""
    rows = [
        item(
            explained(figure.metric, report.scope, fmt),
            figure.metric.sentence,
            fmt.headline(figure.total, figure.metric.unit, figure.currency),
        )
        for figure in (report[key] for key in keys)
    ]
    return card(title, html.Ul(rows, className="listing"), name="list-card")


def item(name: Children, note: str, number: Children, style: str = "") -> Component:
    """One line of a list of figures: what it is, what it means, and the number in the class `style`."""
    return html.Li(
        [
            html.Div([html.P(name), html.P(note, className="card-note")]),
            html.P(number, className=f"listing-number {style}".strip()),
        ]
    )


def change(figure: Figure, fmt: Format) -> list[Component | str]:
    """ "up 12 % from 1,204", coloured by whether that is good news; words alone carry the meaning too."""
    before = fmt.headline(figure.before, figure.metric.unit, figure.currency)
    if figure.total == figure.before == 0:
        return [html.Span("no change", className="muted")]
    if figure.change is None:
        return [
            html.Span(f"{before} before" if before != NO_DATA else "nothing to compare", className="muted")
        ]
    if not felt(figure.change):
        return [html.Span(change_words(figure, fmt), className="muted")]
    up = figure.change > 0
    return [
        html.Span(
            [icon("up" if up else "down"), change_words(figure, fmt)],
            className=f"change {tone(figure)}",
        ),
        html.Span(f" from {before}", className="muted"),
    ]


def change_words(figure: Figure, fmt: Format) -> str:
    """ "up 12 %", without what it is compared with; empty when there is nothing to compare with."""
    if figure.change is None:
        return ""
    if figure.change == 0:
        return "no change"
    if not felt(figure.change):
        return "about the same"
    return f"{'up' if figure.change > 0 else 'down'} {_size(figure, fmt)}"


def felt(change: Decimal) -> bool:
    """Whether a relative change is one that its percentage shows."""
    return abs(change) >= _LEAST_FELT


def tone(figure: Figure) -> str:
    """good, bad or even: what the direction of the change means."""
    if figure.change is None or not felt(figure.change) or figure.metric.good is Good.NEITHER:
        return "even"
    return "good" if (figure.change > 0) == (figure.metric.good is Good.UP) else "bad"


def spark(points: Sequence[Value]) -> Component | None:
    """A small line of the points, without numbers; None when there are too few to show a course."""
    known = [float(value) for value in points if value is not None]
    if len(known) < 3 or max(known) == min(known) == 0:
        return None
    low, high = min(*known, 0.0), max(known)
    scale = (_TALL - 4) / ((high - low) or 1)
    step = _WIDTH / max(len(points) - 1, 1)
    moves, pen = [], "M"
    for index, value in enumerate(points):
        if value is None:
            pen = "M"
            continue
        moves.append(f"{pen}{index * step:.1f} {_TALL - 2 - (float(value) - low) * scale:.1f}")
        pen = "L"
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_TALL}' preserveAspectRatio='none'>"
        f"<path d='{''.join(moves)}' fill='none' stroke='#000' stroke-width='1.5' "
        "vector-effect='non-scaling-stroke' stroke-linejoin='round'/></svg>"
    )
    return html.Div(
        className="spark",
        style={"maskImage": f'url("data:image/svg+xml,{quote(drawing)}")'},
        **attributes(aria_hidden="true"),
    )


def _size(figure: Figure, fmt: Format) -> str:
    """How large a change is: shares move by points, everything else by percent."""
    assert figure.change is not None
    if figure.metric.unit is Unit.RATIO and figure.total is not None and figure.before is not None:
        points = abs(Decimal(figure.total) - Decimal(figure.before)) * 100
        return f"{fmt.points(points)} points"
    return fmt.extent(figure.change)
