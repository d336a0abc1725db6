"""A long task: how far it is, in words and as a bar."""

from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.card import attributes
from components.format import Format
from services.jobs import EXPORT, IMPORTS, REBUILD, Job

_BEGINNING = {**dict.fromkeys(IMPORTS.values(), "Reading the file …"), EXPORT: "Exporting …"}
_DOING = {**dict.fromkeys(IMPORTS.values(), "Importing"), EXPORT: "Exporting"}


def progress(job: Job, fmt: Format) -> Component:
    """A bar with how far a job is that waits or runs. Without a number yet, the bar only moves."""
    said = words(job, fmt)
    name = attributes(aria_label=f"{job.title}: {said}")
    bar = (
        html.Progress(value=str(job.done), max=str(job.total), **name) if job.total else html.Progress(**name)
    )
    return html.Div([html.P(said), bar], className="counting")


def words(job: Job, fmt: Format) -> str:
    """How far a job is that waits or runs: "Counting again, 120 of 300 rows"."""
    if job.cancel_requested:
        return "Being cancelled …"
    if job.status == "queued":
        return "Waiting for its turn …"
    if not job.total:
        return _BEGINNING.get(job.kind, "Counting again …")
    if job.kind == REBUILD:
        return f"Counting again, {fmt.percent(Decimal(job.done) / job.total, places=0)}"
    doing = _DOING.get(job.kind, "Counting again")
    return f"{doing}, {fmt.count(job.done)} of {fmt.count(job.total)} rows"
