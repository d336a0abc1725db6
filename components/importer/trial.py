"""What an import of a file would do."""

from dash import html
from dash.development.base_component import Component

from components.format import Format
from components.importer.chooser import TOLD
from components.importer.kinds import Kind
from components.importer.outcome import problem, rest
from components.sheet import Column, Line, sheet
from services.imports.statements import Layout
from services.imports.trial import Trial
from services.imports.upload import Look, plain_name

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}

_SAID = {
    "date": "date",
    "amount": "amount",
    "debit": "money out",
    "credit": "money in",
    "fee": "fee",
    "currency": "currency",
    "description": "description",
    "category": "category",
}


def preview(kind: Kind, name: str, found: Look, fmt: Format) -> Component:
    """What an import of the file would do, or what has to be told before."""
    if found.trial is None:
        return problem(str(found.problem))
    trial = found.trial
    return html.Div(
        [
            html.P(
                [html.Strong(plain_name(name)), ": ", _whole(trial, fmt) if trial.rows else kind.nothing],
                className="importer-whole",
            ),
            html.P(_read(trial.layout), className="card-note"),
            _sample(kind, trial, fmt) if trial.rows else None,
            rest(trial.account, trial.rejected, fmt),
        ]
    )


def ready(found: Look) -> str | None:
    """What the button that imports says; None when there is nothing to import."""
    if found.trial is None:
        return None
    rows = found.trial.rows + found.trial.account.places["refund of a sale"]
    return f"Import {rows:,} {'row' if rows == 1 else 'rows'}" if rows else None


def _whole(trial: Trial, fmt: Format) -> str:
    """Number, days and sums: "11 rows, 18 – 31 Jan 2022, $37.09"."""
    sums = [fmt.money(amount, currency) for currency, amount in sorted(trial.sums.items())]
    days = [fmt.days(trial.first, trial.last)] if trial.first and trial.last else []
    rows = f"{fmt.count(trial.rows)} {'row' if trial.rows == 1 else 'rows'}"
    return ", ".join([rows, *days, " + ".join(sums)])


def _read(layout: Layout) -> str:
    """How the file is read, in a sentence."""
    columns = [
        f"{said} from “{layout.mapping[ours]}”" for ours, said in _SAID.items() if ours in layout.mapping
    ]
    if layout.delimiter == "OFX":
        return f"Read as OFX in {layout.encoding}."
    parted = _SEPARATORS.get(layout.delimiter, f"“{layout.delimiter}”")
    named = [f"{layout.currency} where no currency is named"] if layout.currency else []
    order = TOLD["date_order"][1].get(layout.date_order, layout.date_order).lower()
    parts = [f"dates as {order}", f"“{layout.decimal}” as decimal sign", *named, *columns]
    return f"Read as {layout.encoding} parted by {parted}: {', '.join(parts)}."


def _sample(kind: Kind, trial: Trial, fmt: Format) -> Component:
    columns = [
        Column("Date", "muted"),
        Column("What", "importer-what"),
        Column("Category" if kind.name == "costs" else "Source", "muted extra"),
        Column("Amount", "number"),
    ]
    lines = [
        Line(
            [
                fmt.day(row.day),
                row.description,
                kind.choices.get(row.category, row.category),
                fmt.money(row.amount, row.currency),
            ]
        )
        for row in trial.sample
    ]
    title = (
        "The rows to be booked" if len(lines) == trial.rows else f"The first {len(lines)} rows to be booked"
    )
    return sheet(columns, lines, title, heading=1)
