"""What stands around a list that is too long for one page: choices, a search field, and turning pages.

All of it is kept in the URL; the callback that draws the list has the Input components.frame.VIEW.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components.card import attributes


def chosen(search: str | None) -> dict[str, str]:
    """What is chosen in the search part of a URL, by name."""
    return dict(parse_qsl((search or "").lstrip("?")))


def section(title: str, search: Component, rows: Component) -> Component:
    """The card of the list, which stands at "#rows": `search` beside its title, and the box of its rows."""
    head = html.Div([html.H2(title, className="card-title"), search], className="card-head")
    return html.Section([head, rows], id="rows", className="card list-card box span-12")


def choices(label: str, name: str, options: Mapping[str, str], current: str) -> Component:
    """Buttons of which one is pressed: each value of `options` under its words, "" for no choice."""
    return html.Div(
        [
            html.Button(
                words,
                type="button",
                className="step",
                **attributes(data_set=f"{name}={value}", aria_pressed=str(value == current).lower()),
            )
            for value, words in options.items()
        ],
        className="steps",
        role="group",
        **attributes(aria_label=label),
    )


def find(name: str, label: str, text: str = "") -> Component:
    """A search field of the id `name`; what is typed stands in the URL as `q`."""
    field = dmc.TextInput(id=name, value=text, placeholder=label, size="sm", **attributes(aria_label=label))
    return html.Div(field, className="find", **attributes(data_type="q"))


def differs(typed: str | None, found: str | None) -> bool:
    """Whether what stands in the search field is something else than what was looked for."""
    return (typed or "").strip() != (found or "")


def total(words: str, file: Component) -> Component:
    """What all rows of the list add up to, beside the link to them as a file."""
    return html.Div([html.Span(words, className="muted"), file], className="entries-sum")


def pager(first: bool, after: str | None, onward: str = "Next page") -> Component | None:
    """The ways to the `first` page, when this is another one, and to the next, which begins `after` and is
    called `onward`."""
    turns = [
        None if first else _turn("First page", ""),
        _turn(onward, after) if after else None,
    ]
    return html.Div(turns, className="pager") if any(turns) else None


def _turn(label: str, cursor: str) -> Component:
    return html.Button(label, type="button", className="button", **attributes(data_set=f"cursor={cursor}"))
