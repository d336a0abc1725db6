"""The number of alerts that nobody has acknowledged, beside the way to their page."""

from dash import html
from dash.development.base_component import Component

from components.card import attributes


def badge(unseen: int) -> Component | None:
    """The number, as navigation and More show it; None when there is nothing new."""
    if not unseen:
        return None
    shown = str(unseen) if unseen < 100 else "99+"
    words = "1 new alert" if unseen == 1 else f"{shown} new alerts"
    return html.Span(shown, className="nav-count", title=words, role="img", **attributes(aria_label=words))
