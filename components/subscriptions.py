"""Subscriptions on a card: how many there are and what they bring, and who came and went."""

from dash.development.base_component import Component

from components import figure, stat
from components.card import card, empty
from components.chart import chart, everything
from components.figure import Series
from components.format import Format
from services.metrics.report import Report

KEYS = ("activeSubscribers", "mrr", "newSubscribers", "churnedSubscribers")
"""What the report has to hold."""
_BARS = (Series("newSubscribers", "subscriptions"), Series("churnedSubscribers", "quiet", less=True))
_NOTHING = (
    "No subscribers in this period",
    "Charges that name their subscriber appear here once they are sent or imported.",
)
_NO_MOVE = ("Nobody came or went in this period", "Whoever subscribes has stayed.")


def subscriptions(report: Report, fmt: Format) -> Component:
    """The four figures with their course, above those who came (bars up) and went (bars down)."""
    if not any(report[key].total or report[key].before or any(report[key].points) for key in KEYS):
        return card("Subscriptions", empty(*_NOTHING, everything(report)), name="chart-card")
    numbers = stat.inner(report, KEYS, fmt)
    return chart(figure.bars, report, _BARS, "Subscribers", fmt, nothing=_NO_MOVE, above=numbers)
