"""The importer's callbacks, whatever page it stands on; app.py registers them.

The file stays in the browser between the look at it and the import: the server keeps none.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props

from components.frame import ACT, QUERY, TOASTS
from components.importer import chooser, opener, outcome, trial
from components.importer.kinds import KINDS, Kind
from components.toast import toast
from models import clock
from models.errors import InvalidInput, NotFound
from pages import boxed, database, reader, scope_of, told
from services.imports import ledger
from services.imports.upload import Look, import_upload, look
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
        set_props(kind.part("place"), {"children": None})
        profile = scope_of(search).profile
        return opener.opener(kind, caller().may(kind.scope, profile.profile_id))

    @app.callback(Output(kind.part("place"), "children"), ACT, SEARCH, prevent_initial_call=True)
    @boxed
    def act(asked: Mapping[str, Any] | None, search: str) -> Any:
        """What the importer's own buttons ask for: to open, to close, to take back."""
        if not asked or asked.get("page") != "import" or asked.get("kind") != kind.name:
            return no_update
        if asked["do"] == "open":
            return chooser.chooser(kind, scope_of(search, write=kind.scope).profile)
        if asked["do"] == "undo":
            undo(kind, UUID(asked["import"]))
        return None

    @app.callback(
        Output(kind.part("preview"), "children"),
        Input(file, "contents"),
        Input(columns, "value"),
        Input(written, "value"),
        State(file, "filename"),
        State(columns, "id"),
        State(written, "id"),
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
        search: str,
    ) -> Any:
        """What the file would book as it is read now."""
        if not contents:
            return no_update
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
        """Imports the file, and says what became of it."""
        if not clicks:
            return
        profile = scope_of(search, write=kind.scope).profile
        mapping, written = _given("import-column", ours, theirs), _given("import-told", fields, values)
        upload = chooser.upload_of(kind, name, contents, mapping, written)
        try:
            done = import_upload(stores(), profile, upload)
        except InvalidInput as error:
            set_props(kind.part("preview"), {"children": outcome.refusal(error)})
            return
        set_props(kind.part("preview"), {"children": outcome.account(done, kind, name, profile, reader())})
        set_props(kind.part("go"), {"hidden": True})
        set_props(file, {"contents": None})  # so that the same file can be chosen again
        set_props(kind.part("reading"), {"hidden": True})
        set_props(kind.changed, {"data": clock.now().timestamp()})


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
