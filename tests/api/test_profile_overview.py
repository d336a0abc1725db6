from datetime import timedelta

import pytest

from api.profile_analytics import Overview
from models.clock import now
from models.stores import Stores
from services.ingest import events
from services.ingest.inputs import Event
from services.profiles import Profile
from tests.api.conftest import Ask

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def seen(stores: Stores, anna: Profile) -> str:
    """The address of Anna's overview, after two visitors, a crawler and Anna herself were there."""
    who = {"profile_id": anna.profile_id, "timestamp": now() - timedelta(minutes=1)}
    instagram = {"referrer": "https://www.instagram.com/anna"}
    events.store(
        stores,
        [
            Event(**who, event_type="view", ip="192.0.2.1", duration_seconds=10, **instagram),
            Event(**who, event_type="view", ip="192.0.2.1", duration_seconds=20.5),
            Event(**who, event_type="view", ip="192.0.2.2"),
            Event(**who, event_type="inquiry", ip="192.0.2.1", **instagram),
            Event(**who, event_type="click", ip="192.0.2.1", target="phone"),
            Event(**who, event_type="favorite", ip="192.0.2.1"),
            Event(**who, event_type="share", ip="192.0.2.1"),
            Event(**who, event_type="view", ip="192.0.2.9", user_agent=CRAWLER),
            Event(**who, event_type="view", ip="192.0.2.8", is_owner=True),
        ],
        now(),
    )
    return f"/api/profile-analytics/{anna.profile_id}/overview"


def test_every_field(get: Ask, seen: str, anna: Profile) -> None:
    answer = get(seen, period="7d")
    assert answer.status_code == 200
    body = answer.json
    Overview.model_validate(body)
    today = anna.local_date(now())
    assert body["profileId"] == str(anna.profile_id)
    assert body["period"] == {
        "from": str(today - timedelta(days=6)),
        "to": str(today),
        "timezone": "Europe/Berlin",
    }
    assert body["asOf"].endswith("+00:00")
    assert body["views"] == 3
    assert body["uniqueVisitors"] == 2
    assert body["inquiries"] == 1
    assert body["conversionRate"] == 0.333333
    assert body["avgTimeOnProfile"] == 15.2
    assert body["botHits"] == 1
    assert body["ownerHits"] == 1
    assert (body["clicks"], body["favorites"], body["shares"]) == (1, 1, 1)
    assert body["topReferrers"] == [
        {"source": "Direct", "views": 2, "inquiries": 0, "conversionRate": 0.0},
        {"source": "Instagram", "views": 1, "inquiries": 1, "conversionRate": 1.0},
    ]


def test_nothing_measured_is_null_and_not_zero(get: Ask, anna: Profile) -> None:
    body = get(f"/api/profile-analytics/{anna.profile_id}/overview").json
    Overview.model_validate(body)
    assert body["views"] == 0
    assert body["conversionRate"] is None
    assert body["avgTimeOnProfile"] is None
    assert body["topReferrers"] == []


def test_compared_with_the_days_before(get: Ask, seen: str, anna: Profile) -> None:
    body = get(seen, period="7d").json
    before = body["comparison"]
    today = anna.local_date(now())
    assert before["period"]["from"] == str(today - timedelta(days=13))
    assert before["period"]["to"] == str(today - timedelta(days=7))
    assert before["views"] == 0
    assert before["conversionRate"] is None


def test_compared_with_the_year_before(get: Ask, seen: str, anna: Profile) -> None:
    body = get(seen, **{"from": "2026-03-01", "to": "2026-03-31", "compare": "year"}).json
    assert body["comparison"]["period"] == {
        "from": "2025-03-01",
        "to": "2025-03-31",
        "timezone": "Europe/Berlin",
    }


def test_compared_with_nothing(get: Ask, seen: str) -> None:
    assert get(seen, compare="none").json["comparison"] is None


def test_the_last_24_hours_are_instants_with_an_offset(get: Ask, seen: str) -> None:
    body = get(seen, period="24h").json
    Overview.model_validate(body)
    assert body["views"] == 3
    assert body["period"]["from"][-6:] in {"+01:00", "+02:00"}
    assert "T" in body["period"]["to"]
