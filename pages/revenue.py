"""Revenue: what comes in, by source, less what was given back."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components import breakdown, figure, notices, stat
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY
from components.headline import headline
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics.pnl import unconverted

register_page(
    __name__, path="/revenue", name="Revenue", title="Revenue · Platform Analytics",
    order=20, group="Money", icon="revenue", tab=True,
)  # fmt: skip

STATS = ("net", "gross", "refunds", "pending")
SOURCES = ("bookings", "gifts", "subscriptions", "affiliate")
BARS = (*(Series(source, source) for source in SOURCES), Series("refunds", "quiet", less=True))
NOTHING = (
    "No revenue in this period",
    "Bookings, gifts, subscriptions and affiliate income appear here once they are sent or imported.",
)
NO_SOURCES = ("No revenue yet", "Bookings, gifts, subscriptions and affiliate income are compared here.")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            title("Revenue", html.Div(id="revenue-lead", className="lead-place")),
            html.Div(
                [
                    box("revenue-stats", 156, phone=322),
                    box("revenue-chart", 402, phone=438),
                    box("revenue-sources", 261),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("revenue-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How net revenue went, and what made it."""
    report = metrics.report(database(), scope_of(search), ("net", *SOURCES))
    return headline(report, "net", reader(), parts=SOURCES)


@callback(Output("revenue-stats", "children"), QUERY)
@boxed
def stats(search: str) -> list[Component | None]:
    """The numbers of the period, below what is in none of them for want of a rate."""
    scope, fmt = scope_of(search), reader()
    report = metrics.report(database(), scope, STATS)
    return [notices.unconverted(unconverted(database(), scope), fmt), stat.stats(report, STATS, fmt)]


@callback(Output("revenue-chart", "children"), QUERY)
@boxed
def course(search: str) -> Component:
    """Revenue by source over time, refunds below zero."""
    report = metrics.report(database(), scope_of(search), ("gross", *SOURCES, "refunds"))
    return chart(figure.bars, report, BARS, "Revenue by source", reader(), ghost="gross", nothing=NOTHING)


@callback(Output("revenue-sources", "children"), QUERY)
@boxed
def sources(search: str) -> Component:
    """Each source with its change."""
    report = metrics.report(database(), scope_of(search), ("gross", *SOURCES))
    return breakdown.parts(report, "gross", SOURCES, "By source", reader(), NO_SOURCES)
