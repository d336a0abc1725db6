"""Gifts: what is given, of which kind, and by whom."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components import categories, demographics, donors, figure, funnel, stat
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY, VIEW
from components.headline import headline
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics import demographics as groups
from services.metrics import donors as givers
from services.metrics import funnel as steps
from services.metrics import gifts

register_page(
    __name__, path="/gifts", name="Gifts", title="Gifts · Platform Analytics",
    order=21, group="Money", icon="gifts",
)  # fmt: skip

STATS = ("giftRevenue", "giftCount", "donorCount", "averageGift")
NOTHING = (
    "No gifts in this period",
    "Gifts appear here as soon as your platform sends them, or a list of purchases is imported.",
)
NO_CATEGORIES = (
    "No gifts in this period",
    "What sells best stands on top here, once gifts come with a category.",
)
NO_PEOPLE = (
    "No donors in this period",
    "Who is new, who came back and who stayed away is shown here, once gifts come with their giver.",
)
NO_DONORS = (
    "No donors in this period",
    "Those who gave most stand on top here, once gifts come with their giver.",
)


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            title("Gifts", html.Div(id="gifts-lead", className="lead-place")),
            html.Div(
                [
                    box("gifts-stats", 156, phone=322),
                    box("gifts-chart", 402),
                    box("gifts-categories", 395, span=6),
                    box("gifts-funnel", 395, phone=330, span=6),
                    box("gifts-people", 349, phone=708),
                    box("gifts-donors", 2010),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("gifts-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How gifts went, in a sentence."""
    return headline(metrics.report(database(), scope_of(search), ("giftRevenue",)), "giftRevenue", reader())


@callback(Output("gifts-stats", "children"), QUERY)
@boxed
def stats(search: str) -> Component:
    """The numbers of the period."""
    return stat.stats(metrics.report(database(), scope_of(search), STATS), STATS, reader())


@callback(Output("gifts-chart", "children"), QUERY)
@boxed
def course(search: str) -> Component:
    """Gift revenue over time."""
    report = metrics.report(database(), scope_of(search), ("giftRevenue",))
    bars = (Series("giftRevenue", "gifts"),)
    return chart(figure.bars, report, bars, "Gift revenue", reader(), ghost="giftRevenue", nothing=NOTHING)


@callback(Output("gifts-categories", "children"), QUERY)
@boxed
def kinds(search: str) -> Component:
    """What kinds of gifts sell, and what to offer more of."""
    return categories.categories(gifts.categories(database(), scope_of(search)), reader(), NO_CATEGORIES)


@callback(Output("gifts-funnel", "children"), QUERY)
@boxed
def way(search: str) -> Component:
    """From seeing the profile to giving, step by step."""
    return funnel.funnel(steps.funnel(database(), scope_of(search)), reader())


@callback(Output("gifts-people", "children"), QUERY)
@boxed
def people(search: str) -> Component:
    """What kind of people give."""
    data = groups.demographics(database(), scope_of(search))
    return demographics.demographics(data, reader(), NO_PEOPLE)


@callback(Output("gifts-donors", "children"), VIEW)
@boxed
def table(search: str) -> Component:
    """Who gives, the largest first, a page at a time."""
    after, before = donors.turned(search)
    page = givers.donors(database(), scope_of(search), after, before=before)
    return donors.donors(page, reader(), NO_DONORS)
