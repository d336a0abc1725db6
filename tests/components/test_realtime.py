"""Real-time as the server draws it: what the browser needs to go on from there."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from dash import html

from components import realtime
from components.format import Format
from services.live.presence import Presence
from services.live.recent import Recent
from services.profiles import Profile
from services.scope import Scope
from tests.components.conftest import Make
from tests.components.text import find, text

MINUTE = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEEN = Presence(1_204, 3, tuple(range(60)), MINUTE, "7-0")


def data(component: Any, name: str) -> dict[str, Any]:
    """What the part with this attribute hands to the browser."""
    for kind in ("Div", "Ul"):
        for part in find([component], kind):
            if given := getattr(part, name, None):
                return dict(json.loads(given))
    raise AssertionError(f"there is no {name}")


def numbers(component: Any) -> dict[str, str]:
    """What the numbers say that the browser moves."""
    found = [*find(component, "P"), *find(component, "Span")]
    return {part.id.removeprefix("realtime-"): text(part) for part in found if getattr(part, "id", None)}


def test_who_is_looking(scope: Scope, english: Format) -> None:
    drawn = realtime.visitors(SEEN, scope, english)
    assert numbers(drawn) == {"last5": "1,204", "last30": "3"}
    explained = [json.loads(getattr(button, "data-explain")) for button in find(drawn, "Button")]
    assert ["5 minutes" in words["sentence"] for words in explained] == [True, False]


def test_the_minutes_carry_the_position_they_were_counted_at(scope: Scope, english: Format) -> None:
    given = data(realtime.minutes(SEEN, scope, english), "data-minutes")
    assert given["views"] == list(range(60))
    assert (given["position"], given["zone"]) == ("7-0", "Europe/Berlin")
    assert datetime.fromisoformat(given["minute"]) == MINUTE
    assert given["profile"] == str(UUID(int=1))


def test_the_figures_of_today(make: Make, scope: Scope, english: Format) -> None:
    hours = [1] * 24
    report = make(scope.today, views=(hours, [2] * 24), shares=([None] * 24, hours))
    drawn = realtime.figures(report, ("views", "shares"), english)
    assert numbers(drawn) == {"views": "24", "shares": "–"}
    assert "yesterday 48 in all" in text(drawn)
    assert data(drawn, "data-figures")["units"] == {"views": "count", "shares": "count"}


def test_the_stream_hands_over_what_was_told(profile: Profile, english: Format) -> None:
    told = Recent(({"id": "1-0", "event": "profile-view", "data": {"ip": "</div>"}},), "3-0")
    drawn = realtime.stream(told, profile, english)
    assert data(drawn, "data-stream") == {
        "profile": str(profile.profile_id),
        "zone": "Europe/Berlin",
        "messages": list(told.messages),
        "position": "3-0",
        "numbers": "en-US",
        "words": "en-US",
    }
    assert "tracker" in text(drawn), "says how to get something here"


@pytest.mark.parametrize(
    ("shown", "pressed"), [("gifts", "show=gifts"), ("", "show="), ("nonsense", "show=")]
)
def test_what_the_address_asks_for_is_pressed(shown: str, pressed: str) -> None:
    buttons = find(realtime.place(shown, html.Div()), "Button")
    chosen = [
        getattr(button, "data-set")
        for button in buttons
        if hasattr(button, "data-set") and getattr(button, "aria-pressed") == "true"
    ]
    assert chosen == [pressed]
