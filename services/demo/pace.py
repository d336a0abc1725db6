"""How often things happen on a profile of the demo while it goes on.

By the same rhythm as in its history; but who starts the demo wants to see something now. So to begin
with there is some on top, and the longer the demo runs the less that is: a third of a usual day in the
first hour, more than half a day in the first day and night, next to nothing after that.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from services.demo.personas import SOURCES
from services.demo.rhythm import Stay
from services.demo.sales import PAID, REPEATED
from services.demo.visits import CHECKOUTS, ROBOTS

OPENING = 60.0
"""Seconds after which half as much comes on top as at first."""

_INQUIRIES = sum(source.weight * source.inquiring for source in SOURCES) / sum(
    source.weight * 100 for source in SOURCES
)


class Kind(StrEnum):
    """What happens. GIFT is a visit that is sure to end in one, beside those that happen to."""

    VIEW = "view"
    ROBOT = "robot"
    GIFT = "gift"
    BOOKING = "booking"
    JOINING = "joining"
    REFUND = "refund"


# How many of a usual day's come on top in the opening's seconds at first. One booking can be more than
# all else of a day, so they keep to the rhythm.
_ON_TOP = {
    Kind.VIEW: 0.08,
    Kind.ROBOT: 0.08,
    Kind.GIFT: 0.08,
    Kind.BOOKING: 0,
    Kind.JOINING: 0.1,
    Kind.REFUND: 0,
}


def rates(stay: Stay, at: datetime, running: float) -> Mapping[Kind, float]:
    """How many of each kind are to be expected in a second at this instant, when the demo has been
    `running` for so many seconds."""
    usual = stay.views_a_second(at)
    day = stay.views(at.astimezone(stay.tz).date())
    on_top = day / (OPENING + max(0.0, running))
    return {
        kind: share * ((0 if kind is Kind.GIFT else usual) + _ON_TOP[kind] * on_top)
        for kind, share in _shares(stay, day).items()
    }


def _shares(stay: Stay, day: float) -> Mapping[Kind, float]:
    """How many of each there are for one view."""
    gifts = CHECKOUTS * PAID
    bookings = _INQUIRIES * stay.persona.booked / 100 / (1 - REPEATED)
    return {
        Kind.VIEW: 1.0,
        Kind.ROBOT: ROBOTS,
        Kind.GIFT: gifts,
        Kind.BOOKING: bookings,
        Kind.JOINING: stay.persona.joining / day,
        Kind.REFUND: 0.03 * bookings + 0.012 * gifts,
    }
