"""The ways between the pages of the settings, under their common title."""

from collections.abc import Mapping
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components.card import Children, attributes

PATH = "/settings"
ACTIVITY = f"{PATH}/activity"
SECTIONS = {
    PATH: "Profile",
    f"{PATH}/account": "Account",
    f"{PATH}/connections": "Connections",
    f"{PATH}/data": "Data",
    f"{PATH}/privacy": "Privacy",
}
"""What everybody may open, by address; the activity is for owners."""
TRAIL = "settings-trail"
"""Where the way to the activity stands for those who may go it."""


def sections(path: str, query: Mapping[str, str]) -> Component:
    """The ways, that to `path` marked; each keeps the `query` of the URL."""
    links = [section(each, name, path, query) for each, name in SECTIONS.items()]
    trail = html.Span(
        trailing(path, query) if path == ACTIVITY else None, id=TRAIL, className="section-place"
    )
    return html.Nav([*links, trail], className="sections", **attributes(aria_label="Settings"))


def trailing(path: str, query: Mapping[str, str]) -> Component:
    """The way to the activity."""
    return section(ACTIVITY, "Activity", path, query)


def section(to: str, name: str, path: str, query: Mapping[str, str]) -> Component:
    """One way; on a page with the address `path`, which may be the one it leads to."""
    here: Mapping[str, Children] = {"aria_current": "page"} if to == path else {}
    address = f"{to}?{urlencode(query)}" if query else to
    return html.A(name, href=address, className="section", **attributes(data_go=to, **here))
