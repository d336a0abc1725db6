"""Partners: what shared bookings bring, with whom, and who is drifting away."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components import figure, partners, stat
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics import duo
from services.scope import Scope

USUAL = {"period": "90d"}

register_page(
    __name__, path="/partners", name="Partners", title="Partners · Platform Analytics",
    order=23, group="Money", icon="partners", period=USUAL["period"],
)  # fmt: skip

STATS = ("duoRevenue", "duoShare", "partnerShare", "duoBookings")
BARS = (Series("duoShare", "bookings"), Series("partnerShare", "quiet"))
NOTHING = (
    "No shared bookings in this period",
    "Bookings that your platform sends with a partner, and how they are split, appear here.",
)
NO_PARTNERS = (
    "No partners in this period",
    "Whom you book with stands here once bookings come with their partner: how often, how much, and "
    "whether it is fading.",
)


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            title("Partners", html.Div(id="partners-lead", className="lead-place")),
            html.Div(
                [
                    box("partners-stats", 156, phone=322),
                    box("partners-chart", 402, phone=438),
                    box("partners-list", 299),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("partners-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How shared revenue went, who is best and who fades."""
    scope = _scope(search)
    report = metrics.report(database(), scope, ("duoRevenue",))
    return partners.lead(report, duo.partners(database(), scope), reader())


@callback(Output("partners-stats", "children"), QUERY)
@boxed
def stats(search: str) -> Component:
    """The numbers of the period."""
    return stat.stats(metrics.report(database(), _scope(search), STATS), STATS, reader())


@callback(Output("partners-chart", "children"), QUERY)
@boxed
def course(search: str) -> Component:
    """Shared revenue over time, the partners' share on top of the own."""
    report = metrics.report(database(), _scope(search), ("duoRevenue", "duoShare", "partnerShare"))
    return chart(figure.bars, report, BARS, "Shared revenue", reader(), ghost="duoRevenue", nothing=NOTHING)


@callback(Output("partners-list", "children"), QUERY)
@boxed
def listing(search: str) -> Component:
    """With whom, by the own share."""
    return partners.partners(duo.partners(database(), _scope(search)), reader(), NO_PARTNERS)


def _scope(search: str) -> Scope:
    """Bookings are rare: a season of them says more than a month."""
    return scope_of(search, USUAL)
