"""What runs in the background, and what became of it."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import job as drawn
from components.card import Children, attributes, card, empty
from components.format import Format
from components.settings import imports
from components.settings.parts import act, entries, entry
from components.settings.place import cancel
from services.jobs import CHANGE, EXPORT, REBUILD, Job, imported
from services.profiles import Profile

_ENDED = {"failed": "Failed", "cancelled": "Cancelled"}


def tasks(found: Sequence[Job], profile: Profile, fmt: Format, may_change: bool) -> Component:
    """The card with the jobs, the newest first; those who may change the profile can end them, and have
    everything counted again."""
    counting = any(each.is_open and each.kind == REBUILD for each in found)
    note = "They go on when the page is closed."
    action = _rebuild(profile) if may_change and not counting else None
    if not found:
        text = "Imports, and whatever counts everything again, run here one after another."
        return card("Tasks", empty("Nothing has run yet", text), action=action)
    lines = [
        entry(
            each.title,
            _note(each, profile, fmt),
            [cancel(each)] if may_change and each.is_open and not each.cancel_requested else (),
            _ENDED.get(each.status, ""),
        )
        for each in found
    ]
    scroll = html.Div(
        entries(lines),
        className="entries-scroll",
        tabIndex="0",
        role="region",
        **attributes(aria_label="Tasks, the newest first"),
    )
    return card("Tasks", scroll, note=note, action=action)


def outcome(job: Job, fmt: Format) -> str:
    """What became of a job that has ended, in words; empty where there is no more to say than that."""
    if job.status == "failed":
        return job.problem or ""
    if job.status == "cancelled":
        return "Nothing was changed."
    if job.kind == REBUILD:
        return _found(job.result or {}, fmt)
    if job.kind == CHANGE:
        return "Everything is counted again."
    if job.kind == EXPORT:
        rows = fmt.count((job.result or {}).get("rows", 0))
        return f"{rows} rows, to be fetched under “Export of everything”."
    return imports.counted(imported(job).account.places, fmt) or "Nothing new was found."


def _note(job: Job, profile: Profile, fmt: Format) -> Children:
    when = fmt.moment(job.finished_at or job.started_at or job.created_at, profile.tz)
    parts = [when, job.asked_by]
    if job.is_open:
        return [" · ".join(part for part in parts if part), drawn.progress(job, fmt)]
    said = " · ".join(part for part in (*parts, outcome(job, fmt)) if part)
    examples = (job.result or {}).get("examples")
    return [said, _listed(examples)] if examples else said


def _found(result: Any, fmt: Format) -> str:
    many, lasting = int(result.get("differences", 0)), int(result.get("lasting", 0))
    told = []
    if many:
        told.append(
            "1 figure was wrong and is right now."
            if many == 1
            else f"{fmt.count(many)} figures were wrong and are right now."
        )
    if lasting:
        told.append("Figures of closed months are not as they were closed, and can't be counted again.")
    return " ".join(told) or "Every figure was right."


def _listed(examples: Sequence[str]) -> Component:
    return html.Details(
        [html.Summary("Which ones"), html.Ul([html.Li(each) for each in examples])], className="as-table"
    )


def _rebuild(profile: Profile) -> Component:
    asked = {"do": "rebuild", "profile": str(profile.profile_id)}
    return act("Count everything again", profile.name, asked)
