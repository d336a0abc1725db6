"""The pages of the settings, one file for each URL, and what they have in common: title and sections, the
forms, the buttons, and the tasks that they follow."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import ALL, MATCH, Dash, Input, Output, State, ctx, dcc, html, no_update, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components.card import title
from components.frame import JOBS, QUERY, TOASTS
from components.settings import place, profile, tasks
from components.settings.sections import TRAIL, sections, trailing
from components.toast import toast, trouble
from models.errors import AppError, NotFound
from pages import NO_ACTION, acts, database, may_change, owned, reader, redraw, renamed, scope_of
from services import jobs
from services.access import ADMIN
from services.jobs import CHANGE, Job
from services.profiles import Profile

Written = Mapping[str, Any]
"""What stands in the fields of a form, by name."""
OwnedAct = Callable[[Profile, Mapping[str, Any]], None]

_log = logging.getLogger(__name__)
_SAVES: dict[str, Callable[[Profile, Written], None]] = {}
_OWN: dict[str, Callable[[Written], None]] = {}
_ACTS: dict[str, OwnedAct] = {}
CARDS = tuple(
    f"settings-{part}"
    for part in ("place", "profile", "members", "account", "factor", "tokens", "imports", "tasks", "activity")
)
"""Those that are drawn again after a change."""
ASKING = "settings-asking"
"""The import of which it is asked whether to take it back."""
SEEN = Input("settings-seen", "data")
"""What is known of the tasks; changes when one has moved on."""


def settings(
    path: str,
    query: Mapping[str, str],
    lead: str,
    left: list[Component],
    right: list[Component] | None = None,
) -> Component:
    """The layout of the page at `path`: its cards in a wide and a narrow column, or all in one."""
    columns = left
    if right:
        columns = [
            html.Div(left, className="column span-7"),
            html.Div(right, className="column span-5"),
        ]
    return html.Div(
        [
            *(dcc.Store(id=f"{card}-changed", data=0) for card in CARDS),
            dcc.Store(id="settings-seen"),
            dcc.Interval(id="settings-tick", interval=3_000, disabled=True),
            title("Settings", html.P(lead, className="lead")),
            sections(path, query),
            html.Div(columns, className="grid"),
        ]
    )


def changed(part: str) -> Input:
    """Rises with every change of a card, so that it is drawn again."""
    return Input(f"settings-{part}-changed", "data")


def saves(form: str) -> Callable[[Callable[[Profile, Written], None]], Callable[[Profile, Written], None]]:
    """Saves this form of a profile, for those who may change it."""

    def kept(save: Callable[[Profile, Written], None]) -> Callable[[Profile, Written], None]:
        _SAVES[form] = save
        return save

    return kept


def saves_own(form: str) -> Callable[[Callable[[Written], None]], Callable[[Written], None]]:
    """Saves this form of the own account, which is about no profile."""

    def kept(save: Callable[[Written], None]) -> Callable[[Written], None]:
        _OWN[form] = save
        return save

    return kept


def does(*names: str) -> Callable[[OwnedAct], OwnedAct]:
    """Does what buttons in the lists and in the toasts ask for by these names."""

    def kept(act: OwnedAct) -> OwnedAct:
        _ACTS.update(dict.fromkeys(names, act))
        return act

    return kept


def forgotten(search: str, before: str | None) -> tuple[None, str | None]:
    """Nothing, where something was shown once of the profile `before`, and the one of the URL."""
    try:
        own = str(scope_of(search).profile.profile_id)
    except AppError:
        own = None
    if own == before:
        raise PreventUpdate
    return None, own


def register(app: Dash) -> None:
    """The callbacks that go for all of these pages."""
    app.callback(Output(TRAIL, "children"), QUERY, State("url", "pathname"))(_trail)
    app.callback(
        Output("settings-tick", "disabled"),
        Output("settings-seen", "data"),
        QUERY,
        changed("tasks"),
        JOBS,
        Input("settings-tick", "n_intervals"),
        State("settings-seen", "data"),
    )(_follow)
    app.callback(
        Output({"settings": MATCH, "part": "problem"}, "children"),
        Input({"settings": MATCH, "part": "save"}, "n_clicks"),
        State({"settings": MATCH, "field": ALL}, "value"),
        State({"settings": MATCH, "field": ALL}, "id"),
        State({"settings": MATCH, "part": "profile"}, "data"),
        State("query", "data"),
        prevent_initial_call=True,
    )(_save)


def _trail(search: str, path: str | None) -> Component | None:
    """The way to the activity, for those who may read it."""
    try:
        shown = may_change(scope_of(search).profile)
    except AppError:
        shown = False
    return trailing(path or "", dict(parse_qsl((search or "").lstrip("?")))) if shown else None


def _follow(search: str, changed: int, moved: Any, ticks: int | None, before: Any) -> Sequence[Any]:
    """Whether nothing runs, and what is known of the tasks: it looks when something is heard of the profile,
    and every few seconds while one runs. What has ended since `before` is told."""
    try:
        own = scope_of(search).profile
        with database().transaction() as tx:
            found = jobs.listing(tx, own.profile_id)
    except AppError:
        return True, None  # the cards say why
    states = {str(each.job_id): _state(each) for each in found}
    seen = {"profile": str(own.profile_id), "jobs": states}
    if ctx.triggered_id in ("live-jobs", "settings-tick") and seen == before:
        return no_update, no_update
    if before and before["profile"] == seen["profile"]:
        for job in found:
            was_open, *_ = before["jobs"].get(str(job.job_id), [True])
            _tell(job, was_open and not job.is_open)
    return not any(job.is_open for job in found), seen


def _state(job: Job) -> list[Any]:
    """All of a job that can change what is shown of it; first whether it is open."""
    return [job.is_open, job.status, job.done, job.total, job.cancel_requested]


def _tell(job: Job, ended: bool) -> None:
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


def _save(
    clicks: int | None, values: Sequence[Any], ids: Sequence[dict[str, str]], about: str | None, search: str
) -> str | None:
    """Saves a form; what is wrong with it is said below it."""
    if not clicks:
        return None
    written = {one["field"]: value for one, value in zip(ids, values, strict=True)}
    try:
        if (form := ctx.triggered_id["settings"]) in _OWN:
            _OWN[form](written)
        else:
            own = owned(about or "", ADMIN)
            _SAVES[form](own, written)
            if form == profile.FORM:
                _stay(own, search)
        redraw("settings-activity")
    except AppError as error:
        return str(error)
    except Exception:
        _log.exception("A form of the settings could not be saved")
        set_props(TOASTS, trouble("That did not work. Nothing was changed; try again in a moment."))
    return None


@acts("settings")
def _act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the lists and in the toasts ask for."""
    if asked["do"] in ("ask", "keep"):
        set_props(ASKING, {"data": asked["import"] if asked["do"] == "ask" else None})
        return
    if asked["do"] not in _ACTS:
        raise NotFound(NO_ACTION)
    _ACTS[asked["do"]](owned(asked["profile"], ADMIN), asked)
    redraw("settings-activity")


def _stay(own: Profile, search: str) -> None:
    """Names the profile in the URL, unless one stands there: the first by name may now be another."""
    given = dict(parse_qsl(search.lstrip("?")))
    if "profile" not in given:
        set_props("url", {"search": f"?{urlencode({**given, 'profile': own.profile_id})}"})
