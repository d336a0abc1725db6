"""The tracker: what to paste into the own site."""

from dash import html
from dash.development.base_component import Component

from components.card import card
from components.settings.parts import copyable
from services.profiles import Profile


def tracker(profile: Profile, base: str) -> Component:
    """The card with the snippet; `base` is this product's own address, without a slash at its end."""
    says = (
        "It sets no cookie, and sends nothing for visitors whose browser asks not to be tracked "
        "(Do Not Track, Global Privacy Control).",
        "It counts each view and the seconds for which the page is really seen.",
    )
    clicks: list[Component | str] = [
        "Give a link or button ",
        html.Code('data-track="gift-catalog"'),
        " and its clicks are counted under that name.",
    ]
    return card(
        "Your own site",
        copyable(snippet(base, profile.public_key), "Snippet"),
        html.Ul([*(html.Li(each) for each in says), html.Li(clicks)], className="settings-says"),
        note="Paste this into the head of every page that counts as your profile.",
    )


def snippet(base: str, key: str) -> str:
    """The line of HTML that brings the tracker into a page."""
    return f'<script defer src="{base}/track.js" data-key="{key}"></script>'
