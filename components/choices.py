"""The long lists that a person chooses from: time zones and currencies."""

from collections.abc import Mapping
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies

from models import period
from models.money import currencies

Choice = tuple[str, str]
"""A value and its words."""


@lru_cache(maxsize=1)
def zones() -> list[Choice]:
    """The time zones of places, and UTC."""
    known = sorted(zone for zone in period.zones() if "/" in zone and not zone.startswith("Etc/"))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in known)]


@lru_cache(maxsize=1)
def currency_names() -> list[Choice]:
    """The currencies that some country has had, with their names in English."""
    names: Mapping[str, str] = Locale("en").currencies
    in_use = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory)
    }
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(in_use & currencies())]
