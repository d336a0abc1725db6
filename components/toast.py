"""Toasts: what happened, and how to take it back."""

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.card import attributes, icon


def toast(sentence: str, undo: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The properties of the toast container that show one toast. `undo` is handed to the callbacks that
    listen to the store `act` when its button is pressed."""
    button = (
        html.Button("Undo", type="button", className="link", **attributes(data_act=json.dumps(undo)))
        if undo
        else None
    )
    return _show(html.Div([html.Span(sentence), button], className="toast"), icon("check"), "indigo", 8_000)


def trouble(sentence: str) -> dict[str, Any]:
    """The same for something that went wrong; it stays until it is closed."""
    return _show(sentence, icon("alert"), "red", False)


def _show(message: Component | str, drawing: Component, colour: str, close: int | bool) -> dict[str, Any]:
    shown = {
        "action": "show", "message": message, "icon": drawing, "color": colour,
        "autoClose": close, "withBorder": True, "radius": 12,
        "closeButtonProps": {"aria-label": "Close"},
    }  # fmt: skip
    return {"sendNotifications": [shown]}
