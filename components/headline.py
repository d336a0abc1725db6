"""One sentence on how the period went, from the figures of a report."""

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.format import Format
from components.periods import before
from components.stat import felt, tone
from services.metrics.report import Figure, Report


def headline(report: Report, key: str, fmt: Format, parts: Sequence[str] = ()) -> Component:
    """ "Net revenue is up 12 % on the 30 days before. Gifts made most of it."

    `parts` are metrics that add up to `key`; the one that made most of the change is named.
    """
    figure = report[key]
    compared = before(report, fmt)
    verb = "are" if figure.metric.label.endswith("s") else "is"
    if figure.total is None or (not figure.total and not figure.before):
        return _sentence(f"{figure.metric.label}: nothing in this period.")
    value = fmt.headline(figure.total, figure.metric.unit, figure.currency)
    if compared is None or figure.change is None:
        return _sentence(f"{figure.metric.label} {verb} {value} in this period.")
    if figure.change == 0:
        return _sentence(f"{figure.metric.label} {verb} the same as in {compared}.")
    if not felt(figure.change):
        return _sentence(f"{figure.metric.label} {verb} about the same as in {compared}.")
    word = "up" if figure.change > 0 else "down"
    size = fmt.extent(figure.change)
    moved = html.Span(f"{word} {size}", className=f"change {tone(figure)}")
    driver = _driver(figure, [report[part] for part in parts])
    return _sentence(
        f"{figure.metric.label} {verb} ",
        moved,
        f" on {compared}.",
        f" {driver} made most of it." if driver else "",
    )


def _driver(figure: Figure, parts: Sequence[Figure]) -> str | None:
    """The part that made more than half of the change."""
    moved = _difference(figure)
    most = max(parts, key=lambda part: _difference(part) * (1 if moved > 0 else -1), default=None)
    if most is None or not moved or _difference(most) / moved <= Decimal("0.5"):
        return None
    return most.metric.label


def _difference(figure: Figure) -> Decimal:
    return Decimal(figure.total or 0) - Decimal(figure.before or 0)


def _sentence(*words: Component | str) -> Component:
    return html.P(list(words), className="lead")
