"""Real-time: what happens on the profile, as it happens."""

from typing import Any

from dash import ClientsideFunction, Input, Output, callback, clientside_callback, dcc, html, register_page
from dash.development.base_component import Component

from components import realtime
from components.card import box, title
from components.frame import QUERY, REALTIME, VIEW
from pages import boxed, database, reader, scope_of
from services import metrics
from services.live.presence import presence
from services.live.recent import recent
from session import stores

register_page(
    __name__, path=REALTIME, name="Real-time", title="Real-time · Platform Analytics",
    order=2, group="Today", icon="realtime", tab=True,
)  # fmt: skip

FIGURES = ("views", "uniqueVisitors", "inquiries", "conversionRate", "favorites", "shares")
AGAIN = Input("realtime-again", "data")
"""Changes each minute, and when the connection is back: what goes by without a message goes by."""
ANEW = Input("realtime-anew", "data")
"""Changes when the browser missed what is not kept any more."""


def layout(show: str = "", **query: Any) -> Component:
    """The page without its data."""
    lead = html.P("What happens on the profile, as it happens.", className="lead")
    return html.Div(
        [
            dcc.Store(id="realtime-again"),
            dcc.Store(id="realtime-anew"),
            title("Real-time", lead),
            html.Div(
                [
                    html.Div(
                        [
                            box("realtime-now", 150, phone=132, live=True),
                            box("realtime-today", 463, phone=453, live=True),
                            box("realtime-minutes", 312, phone=302, live=True),
                        ],
                        className="column span-5",
                    ),
                    html.Div(
                        realtime.place(show, box("realtime-rows", 714)),
                        className="column span-7",
                    ),
                ],
                className="grid realtime",
            ),
        ]
    )


@callback(Output("realtime-now", "children"), Output("realtime-minutes", "children"), QUERY, AGAIN, ANEW)
@boxed
def now(search: str, again: object, anew: object) -> tuple[Component, Component]:
    """Who is looking, and the last hour by the minute."""
    scope, fmt = scope_of(search), reader()
    seen = presence(stores(), scope.profile.profile_id, scope.now)
    return realtime.visitors(seen, scope, fmt), realtime.minutes(seen, scope, fmt)


@callback(Output("realtime-today", "children"), QUERY, AGAIN, ANEW)
@boxed
def so_far(search: str, again: object, anew: object) -> Component:
    """Today's figures, which count up from here."""
    return realtime.figures(metrics.report(database(), scope_of(search).today, FIGURES), FIGURES, reader())


@callback(Output("realtime-rows", "children"), QUERY, ANEW)
@boxed
def rows(search: str, anew: object) -> Component:
    """What happened last."""
    scope = scope_of(search)
    return realtime.stream(recent(stores(), scope.profile.profile_id), scope.profile, reader())


clientside_callback(ClientsideFunction("realtime", "choose"), VIEW)
