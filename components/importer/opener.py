"""The button that opens the importer, and where it opens; pages/importing.py fills both."""

import json

from dash import dcc, html
from dash.development.base_component import Component

from components.card import attributes, icon
from components.importer.kinds import KINDS, Kind


def button(kind: str) -> Component:
    """Where the button that opens the importer will be, for those who may use it."""
    return html.Div(id=KINDS[kind].part("button"))


def place(kind: str) -> Component:
    """Where the importer opens. An import that is followed until its end takes its place; above it, where
    it was opened anew meanwhile."""
    own = KINDS[kind]
    return html.Div(
        [
            dcc.Store(id=own.part("job")),
            dcc.Interval(id=own.part("tick"), interval=3_000, disabled=True),
            html.Div(id=own.part("running"), className="box span-12 importer-place"),
            html.Div(id=own.part("place"), className="box span-12 importer-place"),
        ],
        className="importer-places",
    )


def opener(kind: Kind, may_write: bool) -> Component | None:
    """The button itself; None for those who may only read."""
    if not may_write:
        return None
    act = json.dumps({"page": "import", "do": "open", "kind": kind.name})
    return html.Button(
        [icon("upload"), "Import a file"], type="button", className="button", **attributes(data_act=act)
    )
