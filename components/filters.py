"""A filter of visits: what it is, how to leave it, and what is not known with it."""

from collections.abc import Callable, Mapping

from dash import html
from dash.development.base_component import Component

from components.card import attributes, icon
from components.places import country, device
from services.scope import LONGEST_FILTERED, Scope

NOT_KNOWN = (
    "Not kept for this filter",
    f"For this single visits are looked at, over {LONGEST_FILTERED} days at most, while they are kept.",
)
_WORDS: Mapping[str, Callable[[str], str]] = {"country": country, "device": device}


def current(scope: Scope) -> Component | None:
    """The filter that the scope has, as a button that takes it away; None without one."""
    if scope.filter is None:
        return None
    value = _WORDS.get(scope.filter.name, str)(scope.filter.value)
    return html.Button(
        [html.Span(["Only ", html.Bdi(value)]), icon("close")],
        type="button",
        className="button filter",
        title="Show all visits",
        **attributes(data_set=f"{scope.filter.name}="),
    )
