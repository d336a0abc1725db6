"""What stands at an address that leads nowhere, or nowhere for whoever asks."""

from dash import html
from dash.development.base_component import Component

from components.card import attributes


def nowhere() -> Component:
    """A way back."""
    return html.Div(
        [
            html.H1("There is nothing at this address"),
            html.P(
                "It may have moved, or the link has a slip in it. Your data is where it was.",
                className="lead",
            ),
            html.A("To the first page", href="/", className="button", **attributes(data_go="/")),
        ],
        className="nowhere",
    )
