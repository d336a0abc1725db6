from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.period import Granularity, Period, bucket_days, check_zone, midnight, shift_months, zones

_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC",
          "America/Sao_Paulo", "Africa/Cairo", "Pacific/Chatham")  # fmt: skip
_DAYS = st.dates(date(2015, 1, 1), date(2027, 12, 31))


@given(
    zone=st.sampled_from(_ZONES),
    first=_DAYS,
    length=st.integers(0, 100),
    granularity=st.sampled_from(["day", "week", "month"]),
)
def test_buckets_cover_the_period_without_gap_or_overlap(
    zone: str, first: date, length: int, granularity: str
) -> None:
    period = Period.of_days(first, first + timedelta(days=length), zone)
    now = period.start + timedelta(days=length / 2)
    buckets = period.buckets(Granularity(granularity), now)
    assert buckets[0].start == period.start
    assert buckets[-1].end == period.end
    for left, right in pairwise(buckets):
        assert left.end == right.start
        assert left.last + timedelta(days=1) == right.first
    assert sum(bucket.running for bucket in buckets) == 1
    assert period.days == length + 1


@given(zone=st.sampled_from(_ZONES), day=_DAYS)
def test_hours_cover_a_day_even_when_clocks_change(zone: str, day: date) -> None:
    period = Period.of_days(day, day, zone)
    hours = period.buckets(Granularity.HOUR, period.start)
    assert (hours[0].start, hours[-1].end) == (period.start, period.end)
    assert all(left.end == right.start for left, right in pairwise(hours))
    assert {(hour.first, hour.last) for hour in hours} == {(day, day)}


@given(zone=st.sampled_from(_ZONES), at=st.datetimes(datetime(2015, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_the_last_24_hours_are_whole_local_hours_that_end_after_now(zone: str, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    period = Period.named("24h", zone, now)
    hours = period.buckets(Granularity.HOUR, now)
    assert len(hours) == 24
    assert hours[-1].start <= now < hours[-1].end
    assert [hour.running for hour in hours] == [False] * 23 + [True]
    assert hours[-1].start.astimezone(ZoneInfo(zone)).minute == 0 or zone == "Australia/Lord_Howe"


@given(day=_DAYS, months=st.integers(-40, 40))
def test_months_are_shifted_to_the_same_day_or_the_last(day: date, months: int) -> None:
    moved = shift_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00"),
        ("2026-11-10", "Asia/Kathmandu", "2026-11-09T18:15"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # there was no midnight
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),  # there are two
    ],
)
def test_midnight(day: str, zone: str, instant: str) -> None:
    begins = midnight(date.fromisoformat(day), zone)
    assert begins == datetime.fromisoformat(f"{instant}+00:00")
    tz = ZoneInfo(zone)
    assert begins.astimezone(tz).date() == date.fromisoformat(day)
    assert (begins - timedelta(microseconds=1)).astimezone(tz).date() < date.fromisoformat(day)


def test_a_week_begins_on_monday_also_over_the_new_year() -> None:
    assert bucket_days(date(2027, 1, 1), Granularity.WEEK) == (date(2026, 12, 28), date(2027, 1, 3))
    assert bucket_days(date(2028, 2, 10), Granularity.MONTH) == (date(2028, 2, 1), date(2028, 2, 29))


def test_zones_are_those_of_iana() -> None:
    assert check_zone("Asia/Kolkata") == "Asia/Kolkata"
    for nonsense in ("", "Berlin", "localtime", "../UTC", "Europe/Berlin\x00", "europe/berlin"):
        with pytest.raises(InvalidInput, match="There is no time zone"):
            check_zone(nonsense, "/z")
    assert "UTC" in zones()
