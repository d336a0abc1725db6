"""Zone and currency, and how far a change of them is."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from components.choices import currency_names, zones
from components.format import Format
from components.settings import place
from models.period import midnight
from services.jobs import Job
from services.profiles import Profile
from tests.components.conftest import NOW
from tests.components.text import find, text


@pytest.fixture
def change(profile: Profile) -> Job:
    return Job(
        profile.profile_id,
        UUID(int=3),
        kind="change",
        title="Change to Asia/Tokyo, JPY",
        asked={"timeZone": "Asia/Tokyo", "currency": "JPY"},
        status="running",
        done=120_000,
        total=300_000,
        result=None,
        problem=None,
        asked_by="anna@example.com",
        cancel_requested=False,
        attempts=1,
        created_at=NOW,
        started_at=NOW,
        finished_at=None,
    )


def test_a_running_change_says_how_far_it_is(profile: Profile, change: Job, english: Format) -> None:
    drawn = place.place(profile, change, True, english, True)
    assert "Changing to Asia/Tokyo, JPY Counting again, 120,000 of 300,000 rows" in text(drawn)
    (bar,) = find(drawn, "Progress")
    assert (bar.value, bar.max) == ("120000", "300000")
    (cancel,) = find(drawn, "Button")
    assert cancel.children == "Cancel"
    assert not find(place.place(profile, change, True, english, False), "Button")
    begun = text(place.place(profile, replace(change, done=0, total=0), True, english, True))
    assert "Counting again …" in begun


def test_a_change_says_first_what_it_does(profile: Profile, change: Job, english: Format) -> None:
    drawn = place.place(profile, replace(change, status="done"), True, english, True)
    assert "counts every day and sum again; this takes about a minute. Nothing is lost." in text(drawn)
    assert [select.value for select in find(drawn, "Select")] == ["Europe/Berlin", "EUR"]
    assert "There is no data yet" in text(place.place(profile, None, False, english, True))
    assert not find(place.place(profile, None, True, english, False), "Select")


def test_a_change_says_what_stays_where_it_is(profile: Profile, english: Format) -> None:
    closed = replace(profile, closed_until=midnight(date(2025, 11, 1), profile.time_zone))
    drawn = text(place.place(closed, None, True, english, True))
    assert "Visits of closed months, the newest of which is October 2025, stay on the days they were" in drawn


def test_a_failed_change_says_why(profile: Profile, change: Job, english: Format) -> None:
    failed = replace(change, status="failed", problem="It broke off; nothing was changed.")
    drawn = text(place.place(profile, failed, True, english, True))
    assert "The change to Asia/Tokyo, JPY did not work. It broke off; nothing was changed." in drawn


def test_the_own_zone_is_offered_whatever_it_is(profile: Profile, english: Format) -> None:
    rare = replace(profile, time_zone="Etc/GMT-3", currency="XAU")
    for select, own in zip(
        find(place.place(rare, None, True, english, True), "Select"), ("Etc/GMT-3", "XAU"), strict=True
    ):
        assert [one["value"] for one in select.data].count(own) == 1


def test_the_long_lists() -> None:
    assert ("Asia/Kolkata", "Asia/Kolkata") in zones()
    assert ("EUR", "EUR · Euro") in currency_names()
