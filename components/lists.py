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


def pager(first: bool, after: str | None) -> Component | None:
    """The ways to the `first` page, when this is another one, and to the next, which begins `after`."""
    turns = [
        None if first else _turn("First page", ""),
        _turn("Next page", after) if after else None,
    ]
    return html.Div(turns, className="pager") if any(turns) else None


def _turn(label: str, cursor: str) -> Component:
    return html.Button(label, type="button", className="button", **attributes(data_set=f"cursor={cursor}"))
