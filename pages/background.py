"""What runs in the background, as the settings show it; app.py registers its callback."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from components.frame import JOBS, QUERY, TOASTS
from components.settings import place, tasks
from components.toast import toast, trouble
from models import clock
from pages import boxed, database, may_change, reader, redraw, renamed, scope_of
from services import jobs
from services.jobs import CHANGE, Job
from services.profiles import Profile
from session import caller, stores


def register(app: Dash) -> None:
    """The card of the tasks: it looks again when something is heard of the profile, and every few seconds
    while something runs."""

    @app.callback(
        Output("settings-tasks", "children"),
        Output("settings-tick", "disabled"),
        Output("settings-seen", "data"),
        QUERY,
        Input("settings-tasks-changed", "data"),
        JOBS,
        Input("settings-tick", "n_intervals"),
        State("settings-seen", "data"),
    )
    @boxed
    def show(search: str, changed: int, moved: Any, ticks: int | None, before: Any) -> Sequence[Any]:
        """What runs and ran. What has ended since `before` is told."""
        own = scope_of(search).profile
        with database().transaction() as tx:
            found = jobs.listing(tx, own.profile_id)
        states = {str(each.job_id): _state(each) for each in found}
        seen = {"profile": str(own.profile_id), "jobs": states}
        if ctx.triggered_id in ("live-jobs", "settings-tick") and seen == before:
            return [no_update] * 3
        if before and before["profile"] == seen["profile"]:
            for job in found:
                was_open, *_ = before["jobs"].get(str(job.job_id), [True])
                _follow(job, was_open and not job.is_open)
        idle = not any(job.is_open for job in found)
        return tasks.tasks(found, own, reader(), may_change(own)), idle, seen


def rebuild(own: Profile, asked: Mapping[str, Any]) -> None:
    """Has everything of the profile counted again."""
    jobs.rebuild(stores(), own.profile_id, caller().called, clock.now())
    redraw("settings-tasks")


def cancel(own: Profile, asked: Mapping[str, Any]) -> None:
    """Ends a job of the profile."""
    jobs.cancel(stores(), own.profile_id, UUID(asked["job"]), clock.now())
    redraw("settings-tasks")


def _state(job: Job) -> list[Any]:
    """All of a job that can change what is shown of it; first whether it is open."""
    return [job.is_open, job.status, job.done, job.total, job.cancel_requested]


def _follow(job: Job, ended: bool) -> None:
    """Shows a change where it is made, and what a job that has just ended changed, with a word on it."""
    if job.kind == CHANGE and (ended or job.is_open):
        redraw("settings-place")
    if not ended:
        return
    redraw("settings-imports")
    if job.kind == CHANGE and job.status == "done":
        renamed()
        redraw("settings-profile", "settings-members", "settings-tokens")
        said = f"Everything is counted again: days and sums are those of {place.asked(job)}."
        set_props(TOASTS, toast(said))
    elif job.status == "failed":
        said = place.failure(job) if job.kind == CHANGE else f"{job.title} did not work. {job.problem}"
        set_props(TOASTS, trouble(said))
    else:
        set_props(TOASTS, toast(f"{job.title}: {tasks.outcome(job, reader())}"))
