"""Settings, Data: what was imported, what runs in the background, and all of it as a file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dash import Input, Output, callback, dcc, register_page, set_props
from dash.development.base_component import Component

from components.card import box
from components.frame import QUERY
from components.settings import imports, leaving, tasks
from components.settings.sections import PATH
from models import clock
from pages import boxed, database, done, may_change, reader, redraw, scope_of
from pages.settings import ASKING, SEEN, changed, does, settings
from services import jobs
from services.imports import ledger
from services.jobs import EXPORT
from services.profiles import Profile
from services.rights import shelf
from session import caller, stores

HERE = f"{PATH}/data"

register_page(__name__, path=HERE, name="Data", title="Data · Settings · Platform Analytics")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(
        HERE,
        query,
        "What came in, and the way out.",
        [box("settings-imports", 155), box("settings-tasks", 155)],
        [box("settings-export", 160), dcc.Store(id=ASKING)],
    )


@callback(Output("settings-imports", "children"), QUERY, changed("imports"), Input(ASKING, "data"))
@boxed
def imported(search: str, changed: int, asking: str | None) -> Component:
    """What was imported."""
    own = scope_of(search).profile
    found = ledger.listing(database(), own.profile_id)
    return imports.imports(found, own, reader(), may_change(own), asking)


@callback(Output("settings-tasks", "children"), QUERY, SEEN)
@boxed
def ran(search: str, seen: Any) -> Component:
    """What runs and ran."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = jobs.listing(tx, own.profile_id)
    return tasks.tasks(found, own, reader(), may_change(own))


@callback(Output("settings-export", "children"), QUERY, SEEN)
@boxed
def export(search: str, seen: Any) -> Component | None:
    """The archive, or how far it is."""
    own = scope_of(search).profile
    if not may_change(own):
        return None
    with database().transaction() as tx:
        last = jobs.newest(tx, own.profile_id, EXPORT)
    return leaving.export(last, shelf.ready(stores(), own.profile_id, clock.now()), own, reader())


@does("export")
def _ask_export(own: Profile, asked: Mapping[str, Any]) -> None:
    """Has everything exported."""
    jobs.export(stores(), own.profile_id, caller().called, clock.now())
    redraw("settings-tasks")


@does("undo")
def _undo_import(own: Profile, asked: Mapping[str, Any]) -> None:
    import_id = UUID(asked["import"])
    removed = reader().count(ledger.undo(database(), import_id, own.profile_id))
    name = imports.called(ledger.find(database(), import_id, own.profile_id))
    set_props(ASKING, {"data": None})
    redraw("settings-imports")
    done("settings", own, f"Took back {removed} rows of {name}. Import it again to have them back.")


@does("rebuild")
def _rebuild(own: Profile, asked: Mapping[str, Any]) -> None:
    """Has everything of the profile counted again."""
    jobs.rebuild(stores(), own.profile_id, caller().called, clock.now())
    redraw("settings-tasks")


@does("cancel")
def _cancel(own: Profile, asked: Mapping[str, Any]) -> None:
    """Ends a job of the profile."""
    jobs.cancel(stores(), own.profile_id, UUID(asked["job"]), clock.now())
    redraw("settings-tasks")
