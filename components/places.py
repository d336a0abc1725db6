"""The names of countries and devices, from the codes that are stored."""

from babel import Locale

_TERRITORIES = Locale("en").territories
_DEVICES = {"desktop": "Computer", "mobile": "Phone", "tablet": "Tablet"}


def country(code: str) -> str:
    """The English name of an ISO 3166 country; the code itself when it has none."""
    return str(_TERRITORIES.get(code.upper(), code)) if code else "Unknown"


def device(kind: str) -> str:
    """What people call a kind of device."""
    return _DEVICES.get(kind, kind.capitalize() or "Unknown")
