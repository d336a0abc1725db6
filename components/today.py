"""Today so far, beside the whole of yesterday."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.card import card
from components.explain import explained
from components.format import Format
from components.stat import item
from services.metrics.report import Report


def today(report: Report, keys: Sequence[str], fmt: Format) -> Component:
    """The metrics of `keys` below each other; `report` is of today by the hour, compared with yesterday."""
    rows = []
    for figure in (report[key] for key in keys):
        unit, currency = figure.metric.unit, figure.currency
        before = f"yesterday {fmt.headline(figure.before, unit, currency)} in all"
        name = explained(figure.metric, report.scope, fmt)
        rows.append(item(name, before, fmt.headline(figure.total, unit, currency)))
    note = fmt.day(report.scope.period.first)
    return card("Today so far", html.Ul(rows, className="listing"), note=note, name="list-card")
