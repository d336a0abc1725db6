"""What stands at an address that leads nowhere."""

from dash import register_page
from dash.development.base_component import Component

from components.nowhere import nowhere

register_page(__name__, path="/404", title="Not found · Platform Analytics")


def layout(**query: str) -> Component:
    """A way back."""
    return nowhere()
