"""What happens now: who is looking, the last hour by the minute, today's figures, and the stream.

The server draws it once; from then on the browser moves it with each message (assets/realtime.js,
minutes.js and stream.js). Numbers have the ids "realtime-" and their key.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.card import attributes, card, empty, icon
from components.explain import Words, explained, explaining, fresh
from components.format import Format
from components.lists import choices
from components.stat import item
from services.live.presence import MINUTES, Presence
from services.live.recent import MOST, Recent
from services.metrics.metric import Unit
from services.metrics.report import Report
from services.profiles import Profile
from services.scope import Scope

KINDS = {
    "": "All",
    "views": "Views",
    "gifts": "Gifts",
    "bookings": "Bookings",
    "subscriptions": "Subscriptions",
    "affiliate": "Affiliate",
    "refunds": "Refunds",
    "government": "Government",
}
"""What the stream can be filtered by, under `show` in the URL."""
NOTHING = (
    "Nothing to show yet",
    "Views, gifts and bookings appear here the moment your platform or the tracker on your site sends them.",
    html.A("Set up the tracker", href="/settings", className="button", **attributes(data_go="/settings")),
)
NO_SUCH = ("Nothing of this kind", "As soon as it happens, it stands here; All shows the rest.")
_SEEN: Mapping[str, tuple[str, int]] = {"last5": ("Last 5 minutes", 5), "last30": ("Last 30 minutes", 30)}


def visitors(seen: Presence, scope: Scope, fmt: Format) -> Component:
    """How many people are looking; `scope` is the question that was asked."""
    numbers = [
        html.Div(
            [
                html.H2(explaining(label, _looking(minutes, scope, fmt)), className="stat-label"),
                html.P(fmt.value(many, Unit.COUNT), id=f"realtime-{key}", className="stat-number"),
            ],
            className="stat",
        )
        for (key, (label, minutes)), many in zip(_SEEN.items(), (seen.last5, seen.last30), strict=True)
    ]
    head = html.H2("Visitors now", className="card-title")
    return html.Section([head, html.Div(numbers, className="stats inner of-2")], className="card now")


def minutes(seen: Presence, scope: Scope, fmt: Format) -> Component:
    """Views by the minute of the last hour; assets/minutes.js draws them and moves them on."""
    data = {
        "profile": str(scope.profile.profile_id),
        "zone": scope.profile.time_zone,
        "now": scope.now.isoformat(),
        "minute": seen.minute.isoformat(),
        "views": seen.minutes,
        "position": seen.position,
        **fmt.tags,
    }
    title = "Views per minute"
    return card(
        title,
        html.Div(
            className="minutes",
            role="img",
            **attributes(
                aria_label=f"{title} of the last hour. The values are in the table below the chart.",
                data_minutes=_json(data),
            ),
        ),
        html.Div(
            [
                html.Details(
                    [
                        html.Summary("Show as a table"),
                        html.Div(className="table-scroll", tabIndex="0", role="region",
                                 **attributes(aria_label="Values of the chart")),
                    ],
                    className="as-table",
                ),
                html.Span("Hatched: this minute, so far", className="unfinished hatched"),
            ],
            className="chart-foot",
        ),
        note=html.Span(f"The last {MINUTES} minutes.", className="minutes-note"),
        name="chart-card minutes-card",
    )  # fmt: skip


def figures(report: Report, keys: Sequence[str], fmt: Format) -> Component:
    """The metrics of `keys` today; `report` is of today, compared with yesterday."""
    rows = []
    for key in keys:
        figure = report[key]
        unit, currency = figure.metric.unit, figure.currency
        row = item(
            explained(figure.metric, report.scope, fmt),
            f"yesterday {fmt.headline(figure.before, unit, currency)} in all",
            html.Span(fmt.value(figure.total, unit, currency), id=f"realtime-{key}"),
        )
        rows.append(row)
    note = fmt.day(report.scope.period.first)
    units = {key: report[key].metric.unit for key in keys}
    return html.Div(
        card("Today so far", html.Ul(rows, className="listing"), note=note, name="list-card"),
        **attributes(data_figures=_json({**fmt.tags, "profile": str(report.scope.profile.profile_id),
                                         "units": units})),
    )  # fmt: skip


def stream(told: Recent, profile: Profile, fmt: Format) -> Component:
    """What happened last; assets/stream.js writes the rows and goes on with what comes."""
    data = {
        "profile": str(profile.profile_id),
        "zone": profile.time_zone,
        "messages": told.messages,
        "position": told.position,
        **fmt.tags,
    }
    return html.Div(
        [
            html.Ul(
                className="events",
                tabIndex="0",
                **attributes(aria_label="What happened, newest first", data_stream=_json(data)),
            ),
            html.Div(empty(*NOTHING), className="events-empty", hidden=True),
            html.Div(empty(*NO_SUCH), className="events-none", hidden=True),
        ],
        className="events-place",
    )


def place(shown: str, rows: Component) -> Component:
    """The card around the stream: what is shown of it, and the ways to stop and to hear it."""
    chosen = shown if shown in KINDS else ""
    head = html.Div(
        [
            html.Div(
                [
                    html.H2("What happens", className="card-title"),
                    html.P("Newest first.", id="realtime-note", className="card-note"),
                ]
            ),
            html.Div(
                [
                    _button("fresh", "up", "", "Show what is new", hidden=True),
                    _button("pause", "pause", "Pause", "Stop the stream; nothing is lost"),
                ],
                className="stream-tools",
            ),
        ],
        className="card-head",
    )
    return html.Section(
        [
            head,
            html.Div(
                [
                    html.P("For gifts and government visits", id="realtime-calls", className="muted"),
                    _switch("sound", "sound", "Sound"),
                    _switch("notify", "notify", "Notifications"),
                    html.P(id="realtime-refused", className="stream-refused", role="status"),
                ],
                className="stream-calls",
            ),
            html.Div(choices("Show", "show", KINDS, chosen), className="stream-kinds"),
            rows,
            html.P(f"The newest {MOST} are kept here.", className="stream-foot muted"),
            html.P(id="realtime-said", className="unseen", role="log", **attributes(aria_live="polite")),
        ],
        className="card stream-card",
    )


def _button(name: str, drawing: str, words: str, title: str, hidden: bool = False) -> Component:
    return html.Button(
        [icon(drawing), html.Span(words)],
        id=f"realtime-{name}",
        type="button",
        className="button",
        title=title,
        hidden=hidden,
    )


def _switch(name: str, drawing: str, words: str) -> Component:
    """Something that is off at first; assets/chime.js keeps it for this browser."""
    return html.Button(
        [icon(drawing), words],
        type="button",
        className="button switch",
        title=f"{words} for gifts and government visits, in this browser",
        **attributes(data_chime=name, aria_pressed="false", aria_describedby="realtime-calls"),
    )


def _looking(minutes: int, scope: Scope, fmt: Format) -> Words:
    return {
        "sentence": f"How many different people looked at the profile in the last {minutes} minutes.",
        "formula": f"Different visitors among the views of the last {minutes} minutes, without bots and "
        "without your own visits.",
        "fresh": fresh(scope, fmt),
    }


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
