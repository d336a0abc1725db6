"""Cards and what can stand in one: a skeleton, an empty state, an error."""

from typing import Any

from dash import html
from dash.development.base_component import Component

Children = Any
"""What Dash renders: a component, words, None, or a list of them."""


def card(
    title: str | None, *children: Children, note: Children = None, action: Children = None, name: str = ""
) -> Component:
    """A white card. `note` is a quiet line under the title, `action` stands at the right of it."""
    head = html.Div(
        [
            html.Div([html.H2(title, className="card-title"), html.P(note, className="card-note")]
                     if note else html.H2(title, className="card-title")),
            action,
        ],
        className="card-head",
    )  # fmt: skip
    return html.Section([head if title else None, *children], className=f"card {name}".strip())


def box(name: str, height: int, phone: int | None = None, span: int = 12, live: bool = False) -> Component:
    """The place of a card that a callback fills: a skeleton of its final height (px) until then.

    `span` is its width in twelfths of the page; on a phone each takes the whole width, and may be
    of another height. A `live` one keeps its looks while it is drawn anew, as nobody asked for that.
    """
    heights = {"--height": f"{height}px", "--phone": f"{phone or height}px"}
    waiting = html.Div(className="card skeleton", style=heights, **attributes(aria_hidden="true"))
    return html.Div(waiting, id=name, className=f"box span-{span}{' live-box' if live else ''}")


def empty(title: str, text: Children, action: Children = None) -> Component:
    """What will be here, and how to get it."""
    return html.Div([html.P(title, className="empty-title"), html.P(text), action], className="empty")


def failed(sentence: str, action: Children = None, shared: bool = False) -> Component:
    """What went wrong with one card, while the rest of the page lives. A `shared` reason goes for the
    whole page; it is shown once (see assets/cards.css)."""
    name = "card failed shared" if shared else "card failed"
    return html.Section([icon("alert"), html.Div([html.P(sentence), action])], className=name, role="alert")


def icon(name: str) -> Component:
    """A drawing of assets/icons, in the colour of the text around it."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def title(heading: str, lead: Component, aside: Children = None) -> Component:
    """The head of a page: its name, the sentence of the period, and what one can do here."""
    return html.Div(
        [html.Div([html.H1(heading), lead]), html.Div(aside, className="page-aside")], className="page-head"
    )


def attributes(**values: Any) -> dict[str, Any]:
    """data- and aria- attributes from names with underscores."""
    return {name.replace("_", "-"): value for name, value in values.items()}
