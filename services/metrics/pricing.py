"""Pricing: what a booking brings, and how many inquiries lead to one."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func

from models.schema import transactions
from services.metrics.buckets import by_bucket
from services.metrics.metric import Good, Metric, Unit, Value, ratio
from services.metrics.revenue import tally
from services.rollups.money import SOLD
from services.scope import Scope

T = transactions.c
_HALF = Decimal("0.5")


def _median(scope: Scope) -> Select[Any]:
    """Half of the two values in the middle, which are one where their number is odd: unlike
    percentile_cont this stays exact."""
    middle = func.percentile_disc(0.5)
    amount = T.reporting_amount
    value = (middle.within_group(amount.asc()) + middle.within_group(amount.desc())) * _HALF
    return by_bucket(
        scope,
        T.transaction_date,
        T.local_date,
        value,
        T.profile_id == scope.profile.profile_id,
        T.transaction_type == "booking",
        SOLD,
        amount.is_not(None),
    )


def _per_hundred(bookings: Value, inquiries: Value) -> Decimal | None:
    each = ratio(bookings, inquiries)
    return None if each is None else each * 100


METRICS = (
    Metric(
        "bookingCount",
        "Completed bookings",
        Unit.COUNT,
        Good.UP,
        "How many bookings were completed.",
        "Completed and refunded bookings, on the day of the sale.",
        tally("sales", "booking"),
    ),
    Metric(
        "averageBooking",
        "Average booking",
        Unit.MONEY,
        Good.UP,
        "What a booking brings on average; of a shared booking only your part.",
        "Bookings ÷ completed bookings.",
        needs=("bookings", "bookingCount"),
        combine=ratio,
    ),
    Metric(
        "medianBooking",
        "Median booking",
        Unit.MONEY,
        Good.UP,
        "The booking in the middle: half of them bring less, half more; of a shared booking only your part.",
        "The middle amount of the bookings in the day, week, month or whole period that is shown; the mean "
        "of the two in the middle of an even number.",
        _median,
        nothing=None,
    ),
    Metric(
        "bookingsPer100Inquiries",
        "Bookings per 100 inquiries",
        Unit.NUMBER,
        Good.UP,
        "How many bookings were completed for every 100 inquiries of the same time.",
        "Completed bookings ÷ inquiries × 100.",
        needs=("bookingCount", "inquiries"),
        combine=_per_hundred,
    ),
)
