"""Overview: how it goes, on one screen."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components import figure, movers, notices, stat, today
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import LIVE, QUERY
from components.headline import headline
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics import pnl, traffic
from services.metrics.movers import movers as moved
from services.metrics.revenue import SOURCES

register_page(
    __name__, path="/", name="Overview", title="Overview · Platform Analytics",
    order=1, group="Today", icon="overview", tab=True,
)  # fmt: skip

STATS = ("views", "conversionRate", "gross", "netProfit")
TODAY = ("views", "uniqueVisitors", "inquiries", "giftCount", "gross")
BARS = (Series("net", "accent"), Series("costs", "costs", less=True))
NOTHING = (
    "No income and no costs in this period",
    "Income appears here as soon as your platform sends it or a statement is imported; costs, once entered.",
)
_MOST = 5


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            title("Overview", html.Div(id="overview-lead", className="lead-place")),
            html.Div(
                [
                    box("overview-stats", 156, phone=322),
                    box("overview-chart", 402, span=8),
                    box("overview-today", 402, phone=393, span=4, live=True),
                    box("overview-profit", 401, span=6),
                    box("overview-views", 401, span=6),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("overview-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How net profit went, and what made it."""
    report = metrics.report(database(), scope_of(search), ("netProfit", *SOURCES))
    return headline(report, "netProfit", reader(), parts=SOURCES)


@callback(Output("overview-stats", "children"), QUERY)
@boxed
def stats(search: str) -> list[Component | None]:
    """The four numbers, below what is in none of them for want of a rate."""
    scope, fmt = scope_of(search), reader()
    report = metrics.report(database(), scope, STATS)
    return [notices.unconverted(pnl.unconverted(database(), scope), fmt), stat.stats(report, STATS, fmt)]


@callback(Output("overview-chart", "children"), QUERY)
@boxed
def course(search: str) -> Component:
    """What came in, and below zero what was spent."""
    report = metrics.report(database(), scope_of(search), ("net", "costs"))
    return chart(figure.bars, report, BARS, "Earned and spent", reader(), nothing=NOTHING)


@callback(Output("overview-today", "children"), QUERY, LIVE)
@boxed
def so_far(search: str, live: object) -> Component:
    """Today, whatever period is chosen; it moves as things happen."""
    return today.today(metrics.report(database(), scope_of(search).today, TODAY), TODAY, reader())


@callback(Output("overview-profit", "children"), QUERY)
@boxed
def profit(search: str) -> Component:
    """What moved net profit most."""
    scope = scope_of(search)
    return movers.money(moved(metrics.report(database(), scope, pnl.PARTS), _MOST), scope, reader())


@callback(Output("overview-views", "children"), QUERY)
@boxed
def views(search: str) -> Component:
    """The sources whose views changed most."""
    return movers.views(traffic.moved_sources(database(), scope_of(search), _MOST), reader())
