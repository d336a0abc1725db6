"""An import on its way, and what became of it."""

import json

from dash import html
from dash.development.base_component import Component

from components.card import attributes, card
from components.format import Format
from components.importer import outcome
from components.importer.kinds import Kind
from components.job import progress
from services.jobs import Job, imported
from services.profiles import Profile


def running(job: Job, kind: Kind, fmt: Format) -> Component:
    """The card of an import that waits or runs, with the way to end it."""
    cancel = {"page": "import", "do": "cancel", "kind": kind.name, "job": str(job.job_id)}
    button = html.Button(
        "Cancel",
        type="button",
        className="button",
        disabled=job.cancel_requested,
        **attributes(data_act=json.dumps(cancel)),
    )
    return card(
        job.title,
        progress(job, fmt),
        html.Div(button, className="form-buttons"),
        note="It goes on when you leave this page; the settings list it too.",
        name="importer",
    )


def ended(job: Job, kind: Kind, profile: Profile, fmt: Format) -> Component:
    """The card of an import that has ended: what it did, or why it did nothing."""
    close = json.dumps({"page": "import", "do": "dismiss", "kind": kind.name})
    return card(
        job.title,
        html.Div(_said(job, kind, profile, fmt), role="status"),
        html.Div(
            html.Button("Done", type="button", className="button", **attributes(data_act=close)),
            className="form-buttons",
        ),
        name="importer",
    )


def _said(job: Job, kind: Kind, profile: Profile, fmt: Format) -> Component:
    if job.status == "done":
        return outcome.account(imported(job), kind, job.asked["name"], profile, fmt)
    if job.status == "cancelled":
        return html.P("Cancelled. Nothing of it was kept.", className="importer-whole")
    return outcome.problem(job.problem or "")
