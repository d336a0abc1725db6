"""Settings, Privacy: what is kept how long, visitors who want to be gone, and the end of a profile."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Input, Output, callback, dcc, register_page, set_props
from dash.development.base_component import Component
from flask import current_app

from components.card import box
from components.frame import QUERY, TOASTS
from components.settings import leaving, privacy
from components.settings.sections import PATH
from components.toast import toast
from models import clock
from models.errors import InvalidInput, NotFound
from pages import boxed, database, done, may_change, reader, renamed, scope_of
from pages.settings import does, saves, settings
from services import accounts
from services.profiles import Profile
from services.retention import runs
from services.rights import deletion, holdings, shelf, visitor
from services.rights.visitor import Person
from session import caller, origin, stores

HERE = f"{PATH}/privacy"

register_page(__name__, path=HERE, name="Privacy", title="Privacy · Settings · Platform Analytics")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(
        HERE,
        query,
        "What is kept, and for how long.",
        [box("settings-privacy", 420, phone=560)],
        [
            box("settings-visitor", 330, phone=420),
            box("settings-delete", 150),
            dcc.Store(id="settings-leaving"),
        ],
    )


@callback(Output("settings-privacy", "children"), QUERY)
@boxed
def kept(search: str) -> Component:
    """What is kept how long, and what was done."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        newest, telling = runs.newest(tx, own.profile_id), runs.telling(tx, own.profile_id)
    return privacy.privacy(stores().periods, newest, telling, own, reader())


@callback(Output("settings-visitor", "children"), QUERY)
@boxed
def person(search: str) -> Component | None:
    """The form for a visitor."""
    own = scope_of(search).profile
    return leaving.visitor(own) if may_change(own) else None


@callback(Output("settings-delete", "children"), QUERY, Input("settings-leaving", "data"))
@boxed
def end(search: str, leaves: str | None) -> Component | None:
    """The way out; what goes, once somebody asks."""
    own = scope_of(search).profile
    if not may_change(own):
        return None
    counts = None
    if leaves == str(own.profile_id):
        with database().snapshot() as tx:
            counts = holdings.counts(tx, own.profile_id)
    return leaving.delete(own, counts, shelf.ready(stores(), own.profile_id, clock.now()), reader())


@does("leave", "stay")
def _ask_delete(own: Profile, asked: Mapping[str, Any]) -> None:
    """Shows what would go, or puts that away again."""
    set_props("settings-leaving", {"data": str(own.profile_id) if asked["do"] == "leave" else None})


@saves(leaving.VISITOR)
def _look(own: Profile, written: Mapping[str, Any]) -> None:
    """Shows what there is of a visitor."""
    who = _person(written)
    there = visitor.look(stores(), own.profile_id, who)
    set_props(leaving.FOUND, {"children": leaving.found(there, who, own, reader())})


@does("forget")
def _forget(own: Profile, asked: Mapping[str, Any]) -> None:
    """Deletes what there is of a visitor."""
    stream = current_app.extensions["config"].event_stream
    there = visitor.forget(stores(), own.profile_id, _person(asked), clock.now(), stream)
    set_props(leaving.FOUND, {"children": None})
    done("settings", own, leaving.gone(there, own, reader()))


@saves(leaving.DELETE)
def _delete(own: Profile, written: Mapping[str, Any]) -> None:
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
