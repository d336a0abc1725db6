"""What the providers of the demo spend: fees week by week, the rest month by month."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.ids import derived_id
from services.demo.rhythm import CAMPAIGN_DAYS, Stay, about_euros, chances, exact, price
from services.ingest.inputs import Cost, Transaction

# Day of the month, what it pays for, about so many euros at full size.
_MARKETING = (
    (2, "Instagram", 260.0),
    (5, "Google", 210.0),
    (9, "TikTok", 110.0),
    (14, "X", 55.0),
    (20, "Newsletter", 29.0),
)
_REGULAR = (
    (1, "Studio membership", 420.0, None),
    (3, "Photo editing software", 24.0, "USD"),
    (6, "Booking calendar", 19.0, None),
    (11, "Website and domain", 16.0, None),
    (15, "Bookkeeping software", 22.0, None),
    (21, "Cloud storage", 9.9, None),
)
_TOOLS = (
    ("Ring light", 69),
    ("Backdrop", 48),
    ("Microphone", 119),
    ("Tripod", 59),
    ("Flowers for the studio", 28),
    ("Camera lens", 340),
    ("Wardrobe rail", 45),
    ("Memory cards", 32),
    ("Candles and props", 24),
)
_FEES = {
    "booking": ("Platform fee, bookings", 0.07),
    "gift": ("Platform fee, gifts", 0.1),
    "subscription": ("Platform fee, subscriptions", 0.15),
}


def spending(stay: Stay, sold: Sequence[Transaction], convertible_until: date | None) -> list[Cost]:
    """The costs of the stay up to its `today`; in another currency only up to `convertible_until`."""
    return [*_fees(stay, sold), *_monthly(stay, convertible_until)]


def _fees(stay: Stay, sold: Sequence[Transaction]) -> Iterator[Cost]:
    """Taken on Sundays for the week that ends; of the running week on what is sold so far."""
    weeks: dict[tuple[date, str], float] = defaultdict(float)
    for sale in sold:
        if sale.status == "pending" or sale.transaction_type not in _FEES:
            continue
        assert isinstance(sale.transaction_date, datetime)
        day = sale.transaction_date.astimezone(stay.tz).date()
        sunday = min(day + timedelta(days=6 - day.weekday()), stay.today)
        share = sale.split.profile if sale.split else Decimal(1)
        weeks[sunday, sale.transaction_type] += about_euros(
            sale.amount * share, sale.currency or stay.persona.currency
        )
    for (day, kind), euros in sorted(weeks.items()):
        description, rate = _FEES[kind]
        yield _cost(stay, day, "platform_fees", description, exact(euros * rate, stay.persona.currency))


def _monthly(stay: Stay, until: date | None) -> Iterator[Cost]:
    chance, own = chances("spending", stay.persona.slug), stay.persona.currency
    for day in stay.days():
        size = stay.persona.spending * (0.75 + 0.25 * stay.progress(day))
        for due, channel, euros in _MARKETING:
            if day.day == due and (channel != "TikTok" or stay.progress(day) > 0.3):
                spent = exact(euros * size * chance.uniform(0.85, 1.2), own)
                yield _cost(stay, day, "marketing", f"{channel}: promotion", spent, channel=channel)
        if stay.ago(day) == CAMPAIGN_DAYS[-1]:
            spent = exact(420 * size, own)
            yield _cost(stay, day, "marketing", "New calendar campaign", spent, channel="Instagram")
        for due, description, euros, currency in _REGULAR:
            if day.day == due:
                paid_in = currency if currency and until is not None and day <= until else own
                scale = stay.persona.spending if description == "Studio membership" else 1
                yield _cost(
                    stay, day, "subscriptions", description, price(euros * scale, paid_in), currency=paid_in
                )
        if chance.random() < 0.09 or day.day == 17:
            what, euros = chance.choice(_TOOLS)
            yield _cost(stay, day, "tools", what, price(euros * max(0.5, stay.persona.spending), own))


def _cost(stay: Stay, day: date, category: str, description: str, amount: Decimal, **more: Any) -> Cost:
    key = derived_id("demo", stay.persona.slug, "cost", stay.today.isoformat(), day.isoformat(), description)
    return Cost.model_validate(
        {
            "id": key,
            "profile_id": stay.persona.profile_id,
            "category": category,
            "description": description,
            "amount": amount,
            "currency": stay.persona.currency,
            "expense_date": day,
            **more,
        }
    )
