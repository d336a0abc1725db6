"""Where else data comes in and goes out, beside the tokens."""

from dash import html
from dash.development.base_component import Component

from components.card import attributes, card

_WAYS = (
    ("/settings", "Your own site", "A snippet counts its visits. It stands under Profile."),
    ("/revenue", "Income from a file", "“Import a file” on Revenue reads payouts and statements."),
    ("/costs", "Costs from a file", "The same on Costs, for invoices and card statements."),
    ("/safety", "Alerts to your tools", "Signed messages to an address of yours, set up on Safety."),
)


def ways() -> Component:
    """The card with the ways, each leading to its page, and the reference of the REST API."""
    listed = [
        html.Li(
            [
                html.A(name, href=path, className="way", **attributes(data_go=path)),
                html.P(said, className="card-note"),
            ]
        )
        for path, name, said in _WAYS
    ]
    reference = html.Li(
        [
            html.A("REST API", href="/api/docs", className="way"),
            html.P("What a token can read and write, with examples.", className="card-note"),
        ]
    )
    return card("Other ways in and out", html.Ul([*listed, reference], className="ways"))
