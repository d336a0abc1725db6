"""What detection knows, and how old that is."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dash import html
from dash.development.base_component import Component

from components.card import card, empty
from components.explain import explaining
from components.format import Format
from components.settings.parts import facts
from services.gov_detection.databases import State
from services.profiles import Profile

_CAN = (
    "An alert means that the visit came through a network that belongs to a government, police, court or "
    "military, as far as public registers tell. It can't see anyone on mobile data, at home or behind a VPN, "
    "so no alert does not mean that nobody looked."
)
_WORDS = {
    "sentence": "Each address is looked up in a database of networks on this server; nothing is asked "
    "outside. Names, hand-checked lists and ranges of addresses speak for or against a government, and "
    "together give how sure the alert is. Nobody is ever blocked.",
    "formula": "Networks that are at least so sure as the operator chose raise an alert. Bots of a "
    "government count; your own visits do not.",
    "fresh": "Every visit keeps the verdict of its time, as addresses are hashed after 90 days.",
}

_SOURCE = "IP Geolocation by DB-IP"
"""What the licence of its makers asks for."""


def about(
    states: Sequence[State], version: str, threshold: float, profile: Profile, at: datetime, fmt: Format
) -> Component:
    """The card on what an alert means, which data it rests on, and how old they are at the instant `at`."""
    known = [state for state in states if state.built is not None]
    pairs = [
        ("Lists of networks", version),
        ("Alerts from", f"{threshold:.0%} sure"),
        *((_name(state), _age(state, profile, at, fmt)) for state in known),
    ]
    problems = [html.P(state.problem, className="safety-problem") for state in states if state.problem]
    return card(
        "What an alert can tell",
        html.P(_CAN, className="safety-says"),
        *problems,
        facts(pairs),
        html.P(html.A(_SOURCE, href="https://db-ip.com", rel="noreferrer"), className="safety-source"),
        action=explaining("How it works", _WORDS),
    )


def off() -> Component:
    """What stands in place of it all when detection is turned off."""
    text = (
        "Visits are not judged and raise no alerts here, because whoever runs this installation has turned "
        "detection off (GOV_DETECTION_ENABLED)."
    )
    return card(None, empty("Government detection is off", text))


def _name(state: State) -> str:
    return f"Database {Path(state.path).name}"


def _age(state: State, profile: Profile, at: datetime, fmt: Format) -> str:
    assert state.built is not None
    days = max((at - state.built).days, 0)
    old = "today" if not days else "1 day old" if days == 1 else f"{days} days old"
    return f"{fmt.day(profile.local_date(state.built))}, {old}"
