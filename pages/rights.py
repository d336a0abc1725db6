"""Export, visitors who want to be gone, and the end of a profile, as the settings show them; app.py registers
the callbacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, set_props
from dash.development.base_component import Component
from flask import current_app

from components.frame import JOBS, QUERY, TOASTS
from components.settings import leaving
from components.toast import toast
from models import clock
from models.errors import InvalidInput, NotFound
from pages import boxed, database, done, may_change, reader, redraw, renamed, scope_of
from services import accounts, jobs
from services.jobs import EXPORT
from services.profiles import Profile
from services.rights import deletion, holdings, shelf, visitor
from services.rights.visitor import Person
from session import caller, origin, stores


def register(app: Dash) -> None:
    """The cards, for those who may change the profile; for others there is nothing."""

    @app.callback(
        Output("settings-export", "children"),
        QUERY,
        Input("settings-export-changed", "data"),
        JOBS,
        Input("settings-tick", "n_intervals"),
    )
    @boxed
    def export(search: str, changed: int, moved: Any, ticks: int | None) -> Component | None:
        """The archive, or how far it is."""
        own = scope_of(search).profile
        if not may_change(own):
            return None
        with database().transaction() as tx:
            last = jobs.newest(tx, own.profile_id, EXPORT)
        return leaving.export(last, shelf.ready(stores(), own.profile_id, clock.now()), own, reader())

    @app.callback(Output("settings-visitor", "children"), QUERY)
    @boxed
    def person(search: str) -> Component | None:
        """The form for a visitor."""
        own = scope_of(search).profile
        return leaving.visitor(own) if may_change(own) else None

    @app.callback(
        Output("settings-delete", "children"),
        QUERY,
        Input("settings-delete-changed", "data"),
        Input("settings-leaving", "data"),
    )
    @boxed
    def delete(search: str, changed: int, leaves: str | None) -> Component | None:
        """The way out; what goes, once somebody asks."""
        own = scope_of(search).profile
        if not may_change(own):
            return None
        counts = None
        if leaves == str(own.profile_id):
            with database().snapshot() as tx:
                counts = holdings.counts(tx, own.profile_id)
        return leaving.delete(own, counts, shelf.ready(stores(), own.profile_id, clock.now()), reader())


def ask_export(own: Profile, asked: Mapping[str, Any]) -> None:
    """Has everything exported."""
    jobs.export(stores(), own.profile_id, caller().called, clock.now())
    redraw("settings-export", "settings-tasks")


def ask_delete(own: Profile, asked: Mapping[str, Any]) -> None:
    """Shows what would go, or puts that away again."""
    set_props("settings-leaving", {"data": str(own.profile_id) if asked["do"] == "leave" else None})


def look(own: Profile, written: Mapping[str, Any]) -> None:
    """Shows what there is of a visitor."""
    who = _person(written)
    there = visitor.look(stores(), own.profile_id, who)
    set_props(leaving.FOUND, {"children": leaving.found(there, who, own, reader())})


def forget(own: Profile, asked: Mapping[str, Any]) -> None:
    """Deletes what there is of a visitor."""
    stream = current_app.extensions["config"].event_stream
    there = visitor.forget(stores(), own.profile_id, _person(asked), clock.now(), stream)
    set_props(leaving.FOUND, {"children": None})
    done("settings", own, leaving.gone(there, own, reader()))


def delete(own: Profile, written: Mapping[str, Any]) -> None:
    """Deletes the profile, when its name and the own password stand in the form."""
    account_id, password = caller().account_id, str(written["password"] or "")
    if account_id is None:
        raise NotFound("This needs an account; a token has none.")
    try:
        accounts.require_password(stores(), account_id, password, origin(), "password")
    except InvalidInput:
        raise InvalidInput.at("password", "The password is another one. Nothing was deleted.") from None
    deletion.ask(stores(), own.profile_id, str(written["name"] or ""), clock.now())
    renamed()
    set_props("url", {"pathname": "/", "search": ""})
    set_props(TOASTS, toast(f"{own.name} is deleted. What it had is being removed now."))


def _person(given: Mapping[str, Any]) -> Person:
    said: Sequence[tuple[str, str]] = list(leaving.ASKED.items())
    return Person.of(**{key: str(given.get(name) or "") for name, key in said})
