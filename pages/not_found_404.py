"""What stands at an address that leads nowhere."""

from dash import html, register_page
from dash.development.base_component import Component

from components.card import attributes

register_page(__name__, path="/404", title="Not found · Platform Analytics")


def layout(**query: str) -> Component:
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
