"""The same figures over several periods, side by side."""

from collections.abc import Mapping, Sequence

from dash.development.base_component import Component

from components.card import card
from components.explain import words
from components.format import Format
from components.sheet import Cell, Column, Line, sheet
from components.stat import change_words, tone
from services.metrics.report import Figure, Report


def side_by_side(reports: Mapping[str, Report], keys: Sequence[str], title: str, fmt: Format) -> Component:
    """A row for each metric of `keys`, a column for each report by its name; below each value how it
    changed against the same length before."""
    columns = [Column("Figure", quiet=True), *(Column(name, "number") for name in reports)]
    lines = [_line([report[key] for report in reports.values()], list(reports.values()), fmt) for key in keys]
    return card(
        title,
        sheet(columns, lines, title, style="table spans"),
        note="Each with its change on the same length before.",
        name="list-card",
    )


def _line(figures: Sequence[Figure], reports: Sequence[Report], fmt: Format) -> Line:
    metric = figures[0].metric
    explanation = words(metric, reports[0].scope, fmt)
    return Line([Cell(metric.label, explain=explanation), *(_cell(figure, fmt) for figure in figures)])


def _cell(figure: Figure, fmt: Format) -> Cell:
    value = fmt.headline(figure.total, figure.metric.unit, figure.currency)
    return Cell(value, note=change_words(figure, fmt), note_style=tone(figure))
