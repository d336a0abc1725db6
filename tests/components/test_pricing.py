"""The card of pricing: average and median booking, and bookings per 100 inquiries."""

from decimal import Decimal

from components.format import Format
from components.pricing import pricing
from tests.components.conftest import Make
from tests.components.text import find, rows, text

SOME, NONE = [Decimal(200), None, Decimal(300), None, None, None, None], [None] * 7


def test_the_numbers_and_the_lines(make: Make, english: Format) -> None:
    report = make(
        bookingCount=([1, 0, 2, 0, 0, 0, 0], [2] * 7),
        averageBooking=(SOME, NONE),
        medianBooking=(SOME, NONE),
        bookingsPer100Inquiries=([Decimal("12.34"), *NONE[1:]], NONE),
    )
    drawn = pricing(report, english)
    said = text(drawn)
    assert said.startswith("Booking value per day Completed bookings 3 down")
    assert "Bookings per 100 inquiries 12.3" in said
    assert rows(drawn)[1].endswith(" €200.00 €200.00")
    assert rows(drawn)[2].endswith(" – –")
    (graph,) = find(drawn, "Graph")
    named = [trace for trace in graph.figure["data"] if trace.get("name") == "Average booking"]
    assert named[0]["y"][:3] == [200, None, 300]


def test_empty_says_what_will_be_here(make: Make, english: Format) -> None:
    nothing = {"averageBooking": NONE, "medianBooking": NONE, "bookingsPer100Inquiries": NONE}
    said = text(pricing(make(bookingCount=([0] * 7, [0] * 7), **nothing), english))
    assert said.startswith("Booking value No bookings in this period")
