"""Tables of figures by an attribute, each row with a bar for its share."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.card import Children, card, empty
from components.explain import words
from components.filters import NOT_KNOWN
from components.format import NO_DATA, Format
from components.sheet import Cell, Column, Line, sheet, width
from components.stat import tone
from services.metrics.breakdown import Breakdown, Row
from services.metrics.metric import Unit, change, ratio
from services.metrics.report import Report


def breakdown(
    data: Breakdown | None,
    title: str,
    head: str,
    fmt: Format,
    *,
    ink: str = "accent",
    name: Callable[[str], str] = str,
    nothing: tuple[str, Children] = ("Nothing in this period", None),
    hidden: tuple[str, ...] = (),
    note: Children = None,
    filters: str = "",
) -> Component:
    """A card with a row for each value of the attribute; `name` says what a key is called, the metrics
    of `hidden` get no column, and `note` is the quiet line under the title. A click on a row filters by
    the name `filters` of the URL, where there is one. Without `data` it is not known."""
    if data is None:
        return card(title, empty(*NOT_KNOWN), name="list-card")
    if not data.rows:
        return card(title, empty(*nothing), name="list-card")
    return card(
        title,
        table(data, title, head, fmt, ink=ink, name=name, hidden=hidden, filters=filters),
        left_out(data, fmt),
        note=note,
        name="list-card",
    )


def table(
    data: Breakdown,
    title: str,
    head: str,
    fmt: Format,
    *,
    ink: str = "accent",
    name: Callable[[str], str] = str,
    hidden: tuple[str, ...] = (),
    filters: str = "",
) -> Component:
    """The same table alone, called `title` by screen readers."""
    metrics = [metric for metric in data.metrics if metric.key not in hidden]
    compared = any(row.before is not None for row in data.rows)
    columns = [
        Column(head, "bar-cell"),
        *(
            Column(metric.label, _style(index, len(metrics)), explain=words(metric, data.scope, fmt))
            for index, metric in enumerate(metrics)
        ),
        *([Column("Change", "number muted extra")] if compared else []),
    ]
    largest = max(Decimal(row.share or 0) for row in data.rows)
    lines = [
        Line(
            [
                Cell(
                    name(row.key),
                    bar=width(row.share, largest),
                    ink=ink,
                    choose=f"{filters}={row.key}" if filters else "",
                ),
                *(fmt.value(row.values.get(one.key), one.unit, data.scope.currency) for one in metrics),
                *([_change(row, data.metrics[0].key, fmt)] if compared else []),
            ]
        )
        for row in data.rows
    ]
    return sheet(columns, lines, title, place="table-scroll list-scroll")


def left_out(data: Breakdown, fmt: Format) -> Component | None:
    """Says how many rows there would be more; None when there are none."""
    if not data.more:
        return None
    return html.P(f"{fmt.count(data.more)} smaller ones are left out.", className="card-note")


def parts(
    report: Report,
    whole: str,
    keys: Sequence[str],
    title: str,
    fmt: Format,
    nothing: tuple[str, Children] = ("Nothing in this period", None),
    head: str = "Source",
    href: Callable[[str], str] = lambda key: "",
) -> Component:
    """A card with a row for each of the metrics `keys`, which add up to `whole`, in their own colours;
    `href` says where the rows behind one are."""
    if not any(report[key].total or report[key].before for key in keys):
        return card(title, empty(*nothing), name="list-card")
    columns = [Column(head, "bar-cell"), Column("Amount", "number"), Column("Share", "number muted extra")]
    if report.compared:
        columns += [Column("Before", "number muted extra"), Column("Change", "number")]
    lines = [Line(_part(report, key, whole, fmt, href(key))) for key in keys]
    return card(title, sheet(columns, lines, title), name="list-card")


def _part(report: Report, key: str, whole: str, fmt: Format, href: str) -> list[Cell | str]:
    figure = report[key]
    share = ratio(figure.total, report[whole].total)
    unit, currency = figure.metric.unit, figure.currency
    cells: list[Cell | str] = [
        Cell(
            figure.metric.label,
            bar=width(share, Decimal(1)),
            ink=figure.metric.key,
            explain=words(figure.metric, report.scope, fmt),
        ),
        Cell(fmt.value(figure.total, unit, currency), href=href if figure.total else ""),
        fmt.value(share, Unit.RATIO),
    ]
    if report.compared is not None:
        moved = fmt.change(figure.change) if figure.change is not None else NO_DATA
        cells += [fmt.value(figure.before, unit, currency), Cell(moved, tone(figure))]
    return cells


def _style(index: int, columns: int) -> str:
    """On a phone the columns between the first and the last are left out."""
    return "number extra" if 0 < index < columns - 1 else "number"


def _change(row: Row, key: str, fmt: Format) -> str:
    if not row.before or not row.before.get(key):
        return "new"
    relative = change(row.values.get(key), row.before[key])
    return NO_DATA if relative is None else fmt.change(relative)
