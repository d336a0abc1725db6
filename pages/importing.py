"""The importer's callbacks, whatever page it stands on; app.py registers them.

The file stays in the browser between the look at it and the import: the server keeps none before. The
import itself is a job of the worker, which the page follows; so does one that is opened meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props
from dash.development.base_component import Component

from components.frame import ACT, JOBS, QUERY, TOASTS
from components.importer import chooser, opener, running, trial
from components.importer.kinds import KINDS, Kind
from components.toast import toast
from models import clock
from models.errors import NotFound
from pages import boxed, database, reader, scope_of, told
from services import jobs
from services.imports import ledger
from services.imports.upload import Look, look
from services.jobs import IMPORTS, Job
from services.profiles import Profile
from session import caller, stores

SEARCH = State("query", "data")


def register(app: Dash) -> None:
    """The callbacks of each kind of import."""
    for kind in KINDS.values():
        _register(app, kind)


def undo(kind: Kind, import_id: UUID) -> None:
    """Takes an import of the caller's back."""
    known = ledger.find(database(), import_id)
    if known.kind != kind.name:
        raise NotFound(f"There is no import {import_id}.")
    caller().require(known.profile_id, kind.scope)
    removed = ledger.undo(database(), import_id)
    set_props(kind.changed, {"data": clock.now().timestamp()})
    rows = "row" if removed == 1 else "rows"
    set_props(TOASTS, toast(f"Taken back: {reader().count(removed)} {rows} of {known.file_name}."))


def _register(app: Dash, kind: Kind) -> None:
    file, go = kind.part("file"), kind.part("go")
    columns, written = kind.column(ALL), kind.told(ALL)

    @app.callback(Output(kind.part("button"), "children"), QUERY)
    @boxed
    def offer(search: str) -> Any:
        """The button, for those who may import; a change of profile or period closes what is open."""
        _close(kind)
        profile = scope_of(search).profile
        may = caller().may(kind.scope, profile.profile_id)
        if may and (job := _newest(kind, profile)) and job.is_open:
            set_props(kind.part("job"), {"data": {"job": str(job.job_id)}})
        return opener.opener(kind, may)

    @app.callback(
        Output(kind.part("place"), "children"),
        ACT,
        State(kind.part("job"), "data"),
        SEARCH,
        prevent_initial_call=True,
    )
    @boxed
    def act(asked: Mapping[str, Any] | None, followed: Mapping[str, Any] | None, search: str) -> Any:
        """What the importer's own buttons ask for: to open, to close, to end, to take back."""
        if not asked or asked.get("page") != "import" or asked.get("kind") != kind.name:
            return no_update
        if asked["do"] == "cancel":
            _cancel(kind, scope_of(search, write=kind.scope).profile, UUID(asked["job"]), followed)
            return no_update
        if asked["do"] == "undo":
            undo(kind, UUID(asked["import"]))
        if asked["do"] in ("open", "close") and followed:
            set_props(kind.part("job"), {"data": {"job": followed["job"]}})
        else:
            set_props(kind.part("running"), {"children": None})
        if asked["do"] == "open":
            set_props(kind.part("place"), {"hidden": False})
            return chooser.chooser(kind, scope_of(search, write=kind.scope).profile)
        return no_update if asked["do"] == "dismiss" else None

    @app.callback(
        Output(kind.part("preview"), "children"),
        Input(file, "contents"),
        Input(columns, "value"),
        Input(written, "value"),
        State(file, "filename"),
        State(columns, "id"),
        State(written, "id"),
        State(kind.part("job"), "data"),
        SEARCH,
        prevent_initial_call=True,
    )
    @boxed
    def preview(
        contents: str | None,
        theirs: Sequence[Any],
        values: Sequence[Any],
        name: str,
        ours: Sequence[Mapping[str, str]],
        fields: Sequence[Mapping[str, str]],
        followed: Mapping[str, Any] | None,
        search: str,
    ) -> Any:
        """What the file would book as it is read now."""
        if not contents:
            return no_update
        if not followed:
            # What the last import did has been seen.
            set_props(kind.part("running"), {"children": None})
        profile = scope_of(search, write=kind.scope).profile
        mapping, written = _given("import-column", ours, theirs), _given("import-told", fields, values)
        if ctx.triggered_id == file:
            mapping, written = _forget(kind, mapping, written)
        found = look(profile, chooser.upload_of(kind, name, contents, mapping, written))
        _ask(kind, found)
        return trial.preview(kind, name, found, reader())

    @app.callback(
        Input(go, "n_clicks"),
        State(file, "contents"),
        State(file, "filename"),
        State(columns, "value"),
        State(written, "value"),
        State(columns, "id"),
        State(written, "id"),
        SEARCH,
        running=[(Output(go, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    @told
    def store(
        clicks: int | None,
        contents: str,
        name: str,
        theirs: Sequence[Any],
        values: Sequence[Any],
        ours: Sequence[Mapping[str, str]],
        fields: Sequence[Mapping[str, str]],
        search: str,
    ) -> None:
        """Has the file imported; how far that is takes the place of the look at it."""
        if not clicks:
            return
        profile = scope_of(search, write=kind.scope).profile
        mapping, written = _given("import-column", ours, theirs), _given("import-told", fields, values)
        upload = chooser.upload_of(kind, name, contents, mapping, written)
        job = jobs.import_file(stores(), profile.profile_id, upload, caller().called, clock.now())
        set_props(kind.part("place"), {"hidden": True})
        set_props(kind.part("running"), {"children": running.running(job, kind, reader())})
        set_props(kind.part("job"), {"data": {"job": str(job.job_id), "open": True}})

    @app.callback(
        Output(kind.part("running"), "children"),
        Output(kind.part("tick"), "disabled"),
        Input(kind.part("job"), "data"),
        JOBS,
        Input(kind.part("tick"), "n_intervals"),
        SEARCH,
        prevent_initial_call=True,
    )
    @boxed
    def follow(followed: Mapping[str, Any] | None, moved: Any, ticks: int | None, search: str) -> Any:
        """How far the import is that is followed, and at its end what it did. It looks again whenever
        something is heard of the profile, and every few seconds in any case."""
        if not followed:
            return no_update, True
        profile = scope_of(search, write=kind.scope).profile
        try:
            with database().transaction() as tx:
                job = jobs.find(tx, profile.profile_id, UUID(followed["job"]))
        except NotFound:  # the page shows another profile by now
            return None, True
        return _drawn(kind, profile, job, followed), not job.is_open


def _drawn(kind: Kind, profile: Profile, job: Job, followed: Mapping[str, Any] | None) -> Component:
    """The card of the import; what has ended is followed no more, and its page shows what it stored."""
    if job.is_open:
        return running.running(job, kind, reader())
    card = running.ended(job, kind, profile, reader())
    # The store's change calls `follow` anew, and the browser may drop the answer of the call before.
    set_props(kind.part("running"), {"children": card})
    set_props(kind.part("job"), {"data": None})
    if followed and followed.get("open"):
        _reopen(kind, job)
    if job.status == "done":
        set_props(kind.changed, {"data": clock.now().timestamp()})
    return card


def _cancel(kind: Kind, profile: Profile, job_id: UUID, followed: Mapping[str, Any] | None) -> None:
    """Ends an import of this kind, with what was asked for shown at once."""
    with database().transaction() as tx:
        if jobs.find(tx, profile.profile_id, job_id).kind != IMPORTS[kind.name]:
            raise NotFound("There is no such task.")
    job = jobs.cancel(stores(), profile.profile_id, job_id, clock.now())
    set_props(kind.part("running"), {"children": _drawn(kind, profile, job, followed)})


def _newest(kind: Kind, profile: Profile) -> Job | None:
    with database().transaction() as tx:
        return jobs.newest(tx, profile.profile_id, IMPORTS[kind.name])


def _close(kind: Kind) -> None:
    """Closes what is open; an import that runs is followed no more."""
    set_props(kind.part("place"), {"children": None})
    set_props(kind.part("running"), {"children": None})
    set_props(kind.part("job"), {"data": None})


def _reopen(kind: Kind, job: Job) -> None:
    """Closes the importer behind the card of what it did, or shows it for another attempt at this file."""
    if job.status == "done":
        set_props(kind.part("place"), {"children": None})
    else:
        set_props(kind.part("place"), {"hidden": False})


def _given(name: str, ids: Sequence[Mapping[str, str]], values: Sequence[Any]) -> dict[str, Any]:
    return {one[name]: value for one, value in zip(ids, values, strict=True)}


def _forget(
    kind: Kind, mapping: Mapping[str, Any], written: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was told about one file does not go for the next; the category does."""
    for name, value in mapping.items():
        if value:
            set_props(kind.column(name), {"value": None})
    for name, value in written.items():
        if value and name != "choice":
            set_props(kind.told(name), {"value": None})
    return {}, {"choice": written.get("choice")}


def _ask(kind: Kind, found: Look) -> None:
    """Offers the file's columns, marks what has to be told, and the button once there is something."""
    asked, choices = chooser.asked(found), chooser.column_choices(found)
    for name in chooser.COLUMNS:
        # "currency" asks for the currency itself, not for its column.
        wanted = name in asked and name != "currency"
        set_props(kind.column(name), {"data": choices, "error": "Choose one" if wanted else None})
    for name in chooser.TOLD:
        set_props(kind.told(name), {"error": "Choose one" if name in asked else None})
    label = trial.ready(found)
    opened = {"open": True} if asked else {}
    set_props(kind.part("reading"), {"hidden": False, **opened})
    set_props(kind.part("go"), {"children": label or "Import", "hidden": label is None})
