"""The tracker: what to paste into the own site, so that its visits are counted."""

from html import escape

from dash import html
from dash.development.base_component import Component

from components.card import card
from components.settings.parts import copyable
from services.profiles import Profile


def snippet(public_key: str, base_url: str) -> str:
    """The script element for the profile with this key; `base_url` is where visitors reach the product,
    such as `https://analytics.example` (a path may follow)."""
    address = escape(f"{base_url.rstrip('/')}/track.js")
    return f'<script defer src="{address}" data-key="{escape(public_key)}"></script>'


def tracker(profile: Profile, base: str) -> Component:
    """The card with the snippet; `base` is this product's own address, without a slash at its end."""
    hosts = ", ".join(profile.own_hosts)
    says = (
        f"It takes pages of {hosts} and what is below, and of no other site."
        if hosts
        else "It takes pages of every site, until you name yours under Own sites.",
        "It counts each view, and the seconds for which the page is really seen.",
        "It sets no cookie, and sends nothing for visitors whose browser asks not to be tracked "
        "(Do Not Track, Global Privacy Control).",
    )
    clicks: list[Component | str] = [
        "Give a link or button ",
        html.Code('data-track="gift-catalog"'),
        " and its clicks are counted under that name; with ",
        html.Code('data-track-event="inquiry"'),
        " they are inquiries.",
    ]
    return card(
        "Your own site",
        copyable(snippet(profile.public_key, base), "Snippet"),
        html.Ul([*(html.Li(each) for each in says), html.Li(clicks)], className="settings-says"),
        note="Paste this into the head of every page that counts as your profile.",
    )
