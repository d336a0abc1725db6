"""What the cards of the settings are made of: forms, lists with buttons, and what is shown once."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.card import Children, attributes, icon
from services.profiles import Profile


def field(form: str, name: str) -> dict[str, str]:
    """The id of a form's field; its value is given to whoever saves the form."""
    return {"settings": form, "field": name}


def form(
    name: str, fields: Sequence[Component], label: str, drawing: str = "check", profile: Profile | None = None
) -> Component:
    """A form with its button, which changes this profile, whichever the page shows when it is saved. What
    is wrong with it is said below."""
    button = html.Button(
        [icon(drawing), label],
        id={"settings": name, "part": "save"},
        type="button",
        className="button filled",
    )
    about = str(profile.profile_id) if profile else None
    return html.Div(
        [
            dcc.Store(id={"settings": name, "part": "profile"}, data=about),
            html.Div([*fields, html.Div(button, className="form-buttons")], className="settings-form"),
            html.P(id={"settings": name, "part": "problem"}, className="form-problem", role="alert"),
        ],
        role="group",
        **attributes(aria_label=label),
    )


def entries(lines: Sequence[Component]) -> Component:
    """A list of entries."""
    return html.Ul(list(lines), className="entry-list")


def entry(name: str, note: Children, actions: Sequence[Component] = (), ended: str = "") -> Component:
    """One line of a list. `ended` says in a word why it holds no more."""
    badge = html.Span(ended, className="entry-ended") if ended else None
    return html.Li(
        [
            html.Div(
                [
                    html.P([html.Span(name, className="entry-name", dir="auto"), badge]),
                    html.Div(note, className="card-note"),
                ],
                className="entry-words",
            ),
            html.Div(list(actions), className="entry-actions") if actions else None,
        ],
        className="entry ended" if ended else "entry",
    )


def act(label: str, about: str, asked: Mapping[str, Any]) -> Component:
    """A button that hands `asked` to the page; screen readers hear what it is `about`."""
    return html.Button(
        label,
        type="button",
        className="link",
        **attributes(aria_label=f"{label}: {about}", data_act=json.dumps({"page": "settings", **asked})),
    )


def secret(title: str, name: str, value: str, note: str) -> Component:
    """A card with what is shown this once."""
    return html.Section(
        [
            html.H2(title, className="card-title"),
            html.P(note, className="card-note"),
            copyable(value, name),
        ],
        className="card secret",
        role="status",
    )


def copyable(value: str, name: str) -> Component:
    """Text that is to be taken elsewhere, with a button that copies it."""
    return html.Div(
        [
            html.Code(value, className="copy-text", tabIndex="0", **attributes(aria_label=name)),
            html.Button(
                [icon("copy"), html.Span("Copy")],
                type="button",
                className="button",
                **attributes(data_copy="", aria_label=f"Copy: {name}"),
            ),
        ],
        className="copy",
    )


def facts(pairs: Sequence[tuple[str, str]]) -> Component:
    """What those see who may not change it."""
    terms = [html.Div([html.Dt(name), html.Dd(value, dir="auto")]) for name, value in pairs]
    return html.Dl(terms, className="settings-facts")
