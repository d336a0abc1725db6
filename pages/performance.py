"""Performance: who looks at the profile, from where, and what comes of it."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components import breakdown, figure, filters, notices, stat
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY
from components.headline import headline
from components.hours import hours
from components.places import country, device
from components.side_by_side import side_by_side
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics import traffic
from services.metrics.hours import week
from services.scope import Scope

register_page(
    __name__, path="/performance", name="Performance", title="Performance · Platform Analytics",
    order=10, group="Profile", icon="performance",
)  # fmt: skip

SPANS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}
LEFT_OUT = ("botHits", "ownerHits")
STATS = ("views", "uniqueVisitors", "inquiries", "conversionRate", "avgTimeOnProfile")
LINES = (Series("views", "accent"), Series("uniqueVisitors", "quiet"))
NOTHING = (
    "No views in this period",
    "Views appear here as soon as your platform sends them, or an access log is imported.",
)
NO_SOURCES = ("No sources yet", "Sites and campaigns that sent you visitors are listed here.")
NO_COUNTRIES = ("No countries yet", "They are known when your platform or the access log tells them.")
NO_DEVICES = ("No devices yet", "Phones, computers and tablets are told apart here.")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            title(
                "Performance",
                html.Div(id="performance-lead", className="lead-place"),
                html.Div(id="performance-filter"),
            ),
            html.Div(
                [
                    box("performance-stats", 183, phone=530),
                    box("performance-chart", 402),
                    box("performance-spans", 409, phone=455),
                    html.Div(
                        [box("performance-sources", 375), box("performance-countries", 299)],
                        className="column span-7",
                    ),
                    html.Div(
                        [box("performance-devices", 223), box("performance-more", 414)],
                        className="column span-5",
                    ),
                    box("performance-hours", 337),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("performance-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How views went, in a sentence."""
    return headline(metrics.report(database(), _scope(search), ("views",)), "views", reader())


@callback(Output("performance-filter", "children"), QUERY)
@boxed
def only(search: str) -> Component | None:
    """The filter that goes for the whole page."""
    return filters.current(_scope(search))


@callback(Output("performance-stats", "children"), QUERY)
@boxed
def stats(search: str) -> list[Component | None]:
    """The numbers of the period, and what is in none of them."""
    report, fmt = metrics.report(database(), _scope(search), (*STATS, *LEFT_OUT)), reader()
    return [stat.stats(report, STATS, fmt), notices.left_out(report, fmt)]


@callback(Output("performance-chart", "children"), QUERY)
@boxed
def course(search: str) -> Component:
    """Views and visitors over time."""
    report = metrics.report(database(), _scope(search), ("views", "uniqueVisitors"))
    return chart(figure.lines, report, LINES, "Views and visitors", reader(), ghost="views", nothing=NOTHING)


@callback(Output("performance-spans", "children"), QUERY)
@boxed
def spans(search: str) -> Component:
    """Day, week and month side by side, whatever period is chosen."""
    scope = _scope(search)
    reports = {name: metrics.report(database(), scope.over(span), STATS) for span, name in SPANS.items()}
    return side_by_side(reports, STATS, "Day, week and month", reader())


@callback(Output("performance-hours", "children"), QUERY)
@boxed
def hours_of_the_week(search: str) -> Component:
    """When they looked."""
    return hours(week(database(), _scope(search)), reader())


@callback(Output("performance-sources", "children"), QUERY)
@boxed
def sources(search: str) -> Component:
    """Where visitors came from."""
    data = traffic.breakdown(database(), _scope(search), "source")
    return breakdown.breakdown(
        data,
        "Where visitors came from",
        "Source",
        reader(),
        hidden=("clicks",),
        nothing=NO_SOURCES,
        filters="referrer",
    )


@callback(Output("performance-countries", "children"), QUERY)
@boxed
def countries(search: str) -> Component:
    """In which countries they were."""
    data = traffic.breakdown(database(), _scope(search), "country")
    return breakdown.breakdown(
        data,
        "Countries",
        "Country",
        reader(),
        name=country,
        hidden=("clicks",),
        nothing=NO_COUNTRIES,
        filters="country",
    )


@callback(Output("performance-devices", "children"), QUERY)
@boxed
def devices(search: str) -> Component:
    """On what they looked."""
    data = traffic.breakdown(database(), _scope(search), "device")
    return breakdown.breakdown(
        data,
        "Devices",
        "Device",
        reader(),
        name=device,
        hidden=("clicks", "inquiries"),
        nothing=NO_DEVICES,
        filters="device",
    )


@callback(Output("performance-more", "children"), QUERY)
@boxed
def more(search: str) -> Component:
    """What else visitors did, and what was left out of all figures."""
    keys = ("clicks", "favorites", "shares", *LEFT_OUT)
    return stat.listing(
        metrics.report(database(), _scope(search), keys), keys, "What else happened", reader()
    )


def _scope(search: str) -> Scope:
    return scope_of(search, filtered=True)
