"""Operations: how the API answers, and whether everything runs; for whoever operates the installation."""

from typing import Any
from zoneinfo import ZoneInfo

from dash import Input, Output, callback, dcc, html, register_page
from dash.development.base_component import Component
from flask import current_app, g, has_request_context

from components import lists, operations
from components.card import box, title
from components.frame import VIEW
from components.nowhere import nowhere
from models import clock
from models.errors import NotFound
from pages import boxed, database, profile_of, reader, require_operator
from services import operations as service
from services.operations import Traffic, Window
from session import stores

register_page(
    __name__, path="/operations", name="Operations", title="Operations · Platform Analytics",
    order=95, group="Settings", icon="operations", operator=True,
)  # fmt: skip

TICK = Input("operations-tick", "n_intervals")


def layout(**query: Any) -> Component:
    """The page without its data; for others there is nothing here."""
    if has_request_context() and not (g.get("caller") and g.caller.is_operator):
        return nowhere()
    return html.Div(
        [
            dcc.Interval(id="operations-tick", interval=60_000),
            title(
                "Operations",
                html.P("How the API answers, and whether everything runs.", className="lead"),
                html.Div(id="operations-window"),
            ),
            html.Div(
                [
                    box("operations-states", 120, phone=260, live=True),
                    box("operations-volume", 390, live=True),
                    box("operations-slowest", 420, span=7, live=True),
                    box("operations-failing", 420, span=5, live=True),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("operations-window", "children"), VIEW)
@boxed
def window(search: str) -> Component:
    """How far back is looked."""
    require_operator()
    return operations.windows(Window.of(lists.chosen(search)))


@callback(Output("operations-states", "children"), VIEW, TICK)
@boxed
def states(search: str, ticks: int | None) -> Component:
    """What runs."""
    require_operator()
    stream = current_app.extensions["config"].event_stream
    return operations.states(service.states(stores(), stream, clock.now()), reader())


@callback(
    Output("operations-volume", "children"),
    Output("operations-slowest", "children"),
    Output("operations-failing", "children"),
    VIEW,
    TICK,
)
@boxed
def calls(search: str, ticks: int | None) -> tuple[Component, Component, Component]:
    """What the API answered: how often, how fast and how well."""
    found, fmt = _traffic(search), reader()
    return (
        operations.volume(found, _zone(search), fmt),
        operations.slowest(found, fmt),
        operations.failing(found, fmt),
    )


def _traffic(search: str) -> Traffic:
    require_operator()
    return service.traffic(database(), Window.of(lists.chosen(search)), clock.now())


def _zone(search: str) -> ZoneInfo:
    """The zone of the profile that is looked at; UTC for an operator without one."""
    try:
        return profile_of(lists.chosen(search)).tz
    except NotFound:
        return ZoneInfo("UTC")
