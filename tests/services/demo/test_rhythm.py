from datetime import date, datetime
from decimal import Decimal

import pytest

from services.demo.personas import PERSONAS
from services.demo.rhythm import Stay, price, round_sum
from services.demo.visits import visits

NOW = datetime.fromisoformat("2026-11-24T20:00:00+00:00")


@pytest.mark.parametrize(
    ("euros", "currency", "listed"),
    [
        (34.90, "EUR", "34.90"),
        (34.90, "USD", "37.90"),
        (0.5, "EUR", "1.90"),
        (318, "EUR", "320"),
        (34.90, "JPY", "5600"),
    ],
)
def test_prices_look_like_prices(euros: float, currency: str, listed: str) -> None:
    assert price(euros, currency) == Decimal(listed)


def test_free_sums_are_round() -> None:
    assert round_sum(22.4, "EUR") == 20
    assert round_sum(1, "EUR") == 5
    assert round_sum(22.4, "JPY") == 3500


def test_today_is_the_personas_own() -> None:
    assert [Stay(persona, NOW, 3).today for persona in PERSONAS] == [
        date(2026, 11, 24),
        date(2026, 11, 24),
        date(2026, 11, 25),
    ]


def test_the_same_day_gives_the_same_visits_and_a_later_hour_only_adds() -> None:
    busy = PERSONAS[0]
    morning = visits(Stay(busy, NOW.replace(hour=8), 3)).events
    evening = visits(Stay(busy, NOW, 3)).events
    assert len(morning) < len(evening)
    assert [event for event in evening if event.timestamp <= NOW.replace(hour=8)] == morning


def test_busier_at_night_than_before_dawn_and_ever_more() -> None:
    stay = Stay(PERSONAS[0], NOW, 396)
    days = list(stay.days())
    assert stay.views(days[-20]) > 1.4 * stay.views(days[20])
    hours = [event.timestamp.astimezone(stay.tz).hour for event in visits(Stay(PERSONAS[0], NOW, 8)).events]
    assert sum(19 <= hour <= 22 for hour in hours) > 4 * sum(3 <= hour <= 6 for hour in hours)
