"""The frame around every page: navigation, profile, live state, period, theme, toasts.

What is chosen stands in the URL alone. assets/frame.js writes it there and copies it into the store
`query`, which is the input of every callback that draws a figure; no choice needs the server.
"""

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from components.card import attributes, icon
from components.periods import COMPARISONS, PERIODS
from components.tokens import theme
from services.profiles import Profile
from services.scope import DEFAULT_PERIOD

NAME = "Platform Analytics"
QUERY = Input("query", "data")
"""The search part of the URL, such as "?profile=…&period=7d"; it changes with the scope alone."""
VIEW = Input("view", "data")
"""The same for what a page itself lets choose, such as a filter or the page of a list: it changes with
that too, and redraws only what listens to it."""
LIVE = Input("live", "data")
"""Changes when figures may have, at most once a second (see assets/live.js)."""
JOBS = Input("live-jobs", "data")
"""Changes when a long task of the profile has moved on (see assets/jobs.js)."""
ACT = Input("act", "data")
"""What a button with data-act hands over: in a table (components/sheet.py) or a toast."""
TOASTS = "toasts"
REALTIME = "/live"
"""Where the page is that shows what happens now."""
FACTS, CHOICES = "frame-facts", "frame-profiles"
"""Where the frame keeps what it knows of the profiles, and offers them."""

ASSETS_IGNORE = r"^scheme\.js$|^plotly-basic\.min\.js$|^sign\.css$|^welcome\.js$"
"""Assets that are not loaded with every page: one stands in INDEX, figures fetch the other."""

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f9f9fb">
    <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e0f12">
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/icons/mark.svg">
    <link rel="preload" href="/assets/fonts/inter-latin-wght-normal.woff2?v=5"
          as="font" type="font/woff2" crossorigin>
    <script src="/assets/scheme.js"></script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""


def frame(profiles: Sequence[Profile], email: str | None, is_operator: bool = False) -> Component:
    """The layout of the app for somebody who may see `profiles`, by name; with the pages for operators alone
    when it is one."""
    pages = [page for page in _pages() if is_operator or not page.get("operator")]
    provider: Component = dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="query"),
            dcc.Store(id="view"),
            dcc.Store(id="act"),
            dcc.Store(id="live"),
            dcc.Store(id="safety-state"),
            dcc.Store(id="safety-changed"),
            dcc.Store(id="live-jobs"),
            dcc.Store(id=FACTS, data=facts(profiles)),
            html.A("Skip to the content", href="#content", className="skip"),
            html.Div(
                [
                    _navigation(pages),
                    html.Header([_profiles(profiles, email), _live(), _period(), _theme()], className="bar"),
                    html.Main(dash.page_container, id="content", className="content", tabIndex="-1"),
                ],
                className="frame",
            ),
            dmc.NotificationContainer(id=TOASTS, position="bottom-right", autoClose=8_000, limit=3),
        ],
        theme=theme(),
        defaultColorScheme="auto",
    )
    return provider


def facts(profiles: Sequence[Profile]) -> dict[str, Any]:
    """What assets/frame.js needs to name what is chosen."""
    known = [
        {"id": str(profile.profile_id), "name": profile.name, "demo": profile.is_demo} for profile in profiles
    ]
    usual = {page["path"]: page.get("period", DEFAULT_PERIOD) for page in _pages()}
    return {"profiles": known, "periods": PERIODS, "comparisons": COMPARISONS, "usual": usual}


def choices(profiles: Sequence[Profile]) -> list[Component]:
    """The profiles to choose from."""
    return [
        html.Button(
            [
                html.Span(profile.name, className="choice-name", dir="auto"),
                html.Span(
                    f"{profile.currency} · {profile.time_zone.replace('_', ' ')}", className="choice-note"
                ),
            ],
            type="button",
            className="choice",
            **attributes(data_set=f"profile={profile.profile_id}"),
        )
        for profile in profiles
    ]


def register(app: Dash) -> None:
    """The frame's callbacks, all in the browser."""
    app.clientside_callback(
        ClientsideFunction("frame", "query"),
        Output("query", "data"),
        Output("view", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
    )
    app.clientside_callback(
        ClientsideFunction("frame", "labels"),
        Output("frame-profile", "children"),
        Output("frame-demo", "hidden"),
        Output("frame-period", "children"),
        Output("frame-comparison", "children"),
        QUERY,
        Input("url", "pathname"),
        Input(FACTS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("frame", "range"),
        Input("frame-range", "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("live", "follow"), QUERY, Input(FACTS, "data"))


def _pages() -> list[dict[str, Any]]:
    return [page for page in dash.page_registry.values() if "group" in page]


def _navigation(pages: Sequence[dict[str, Any]]) -> Component:
    """All pages by group; a phone shows those with `tab` in its bottom bar, and the others behind More."""
    groups: dict[str, list[Component]] = {}
    for page in pages:
        groups.setdefault(page["group"], []).append(
            _link(page, "nav-link tab" if page.get("tab") else "nav-link")
        )
    others = [_link(page, "choice", "menu") for page in pages if not page.get("tab")]
    counts = [_count(page, "more") for page in pages if not page.get("tab")]
    more = html.Details(
        [
            html.Summary([icon("more"), html.Span("More"), *counts], className="nav-link tab"),
            html.Div(others, className="panel left"),
        ],
        className="menu more",
    )
    return html.Nav(
        [
            html.A(
                [html.Span(className="mark", **attributes(aria_hidden="true")), NAME],
                href="/",
                className="brand",
                **attributes(data_go="/"),
            ),
            *(
                html.Div([html.P(group, className="nav-head"), *links], className="nav-group")
                for group, links in groups.items()
            ),
            more,
        ],
        className="nav",
        **attributes(aria_label="Pages"),
    )


def _link(page: dict[str, Any], style: str, place: str = "link") -> Component:
    return html.A(
        [icon(page["icon"]), html.Span(page["name"]), _count(page, place)],
        href=page["relative_path"],
        className=style,
        **attributes(data_go=page["path"]),
    )


def _count(page: dict[str, Any], place: str) -> Component | None:
    """Where a page that has something new says how much."""
    return html.Span(id=f"{page['count']}-count-{place}", className="nav-new") if page.get("count") else None


def _profiles(profiles: Sequence[Profile], email: str | None) -> Component:
    account = html.Form(
        [
            html.Span(email, className="choice-note"),
            html.Button([icon("leave"), "Sign out"], type="submit", className="choice"),
        ],
        action="/sign-out",
        method="POST",
        className="panel-foot",
    )
    return html.Details(
        [
            html.Summary(
                [
                    html.Span("Profile", id="frame-profile", className="choice-name", dir="auto"),
                    html.Span("Demo data", id="frame-demo", className="badge", hidden=True),
                    icon("chevron"),
                ],
                className="control plain",
                title="Profile and account",
            ),
            html.Div(
                [html.Div(choices(profiles), id=CHOICES, className="profiles"), account],
                className="panel left",
            ),
        ],
        className="menu profile-menu",
    )


def _period() -> Component:
    periods = [
        html.Button(label, type="button", className="choice", **attributes(data_set=f"period={name}"))
        for name, label in PERIODS.items()
    ]
    comparisons = [
        html.Button(label, type="button", className="choice", **attributes(data_set=f"compare={name}"))
        for name, label in COMPARISONS.items()
    ]
    calendar = dmc.DatePicker(
        id="frame-range",
        type="range",
        size="sm",
        allowSingleDateInRange=True,
        hideOutsideDates=True,
        firstDayOfWeek=1,
        ariaLabels={
            "previousMonth": "Previous month",
            "nextMonth": "Next month",
            "previousYear": "Previous year",
            "nextYear": "Next year",
            "previousDecade": "Previous decade",
            "nextDecade": "Next decade",
        },
    )
    return html.Details(
        [
            html.Summary(
                [
                    icon("calendar"),
                    html.Span("Last 30 days", id="frame-period"),
                    html.Span(id="frame-comparison", className="muted wide-only"),
                    icon("chevron"),
                ],
                className="control",
                title="Period and comparison",
            ),
            html.Div(
                [
                    html.Div([html.P("Period", className="panel-head"), *periods], className="panel-part"),
                    html.Div(
                        [html.P("Or from – to", className="panel-head"), calendar], className="panel-part"
                    ),
                    html.Div(
                        [html.P("Compared with", className="panel-head"), *comparisons],
                        className="panel-part comparisons",
                    ),
                ],
                className="panel right period-panel",
            ),
        ],
        className="menu period-menu",
    )


def _live() -> Component:
    """Whether what is shown is live; assets/live.js says it here."""
    return html.A(
        [html.Span(className="live-dot", **attributes(aria_hidden="true")), html.Span(role="status")],
        id="frame-live",
        href=REALTIME,
        className="live",
        hidden=True,
        **attributes(data_go=REALTIME),
    )


def _theme() -> Component:
    return html.Button(
        icon("theme"),
        id="frame-theme",
        type="button",
        className="control square",
        title="Light or dark",
        **attributes(aria_label="Light or dark"),
    )
