"""Pricing on a card: what a booking brings, and how many inquiries it takes."""

from dash.development.base_component import Component

from components import figure, stat
from components.card import card, empty
from components.chart import chart, everything
from components.figure import Series
from components.format import Format
from services.metrics.report import Report

KEYS = ("bookingCount", "averageBooking", "medianBooking", "bookingsPer100Inquiries")
"""What the report has to hold."""
_LINES = (Series("averageBooking", "bookings"), Series("medianBooking", "quiet"))
_NOTHING = (
    "No bookings in this period",
    "What a booking brings appears here with the first one that is completed.",
)


def pricing(report: Report, fmt: Format) -> Component:
    """The four figures, above the average and the median booking as lines."""
    if not report["bookingCount"].total and not report["bookingCount"].before:
        return card("Booking value", empty(*_NOTHING, everything(report)), name="chart-card")
    numbers = stat.inner(report, KEYS, fmt)
    return chart(figure.lines, report, _LINES, "Booking value", fmt, nothing=_NOTHING, above=numbers)
