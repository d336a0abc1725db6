"""The scope: the same words in a page's address and in an API's query."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from models.clock import now as current
from models.database import Database
from models.errors import InvalidInput
from models.period import PERIOD_NAMES, Comparison, Granularity
from services import profiles, scope
from services.profiles import Profile
from services.scope import Scope

NOW = datetime.fromisoformat("2026-05-20T12:20:00+02:00")
BERLIN = Profile(profile_id=UUID(int=1), name="Anna", time_zone="Europe/Berlin", currency="EUR")


def parse(now: datetime = NOW, **parameters: str) -> Scope:
    given = {name.rstrip("_"): value for name, value in parameters.items()}
    return scope.parse(BERLIN, given, now, lambda: date(2024, 2, 29))


@pytest.mark.parametrize(
    ("name", "first", "last", "granularity"),
    [
        ("24h", "2026-05-19", "2026-05-20", "hour"),
        ("7d", "2026-05-14", "2026-05-20", "day"),
        ("30d", "2026-04-21", "2026-05-20", "day"),
        ("90d", "2026-02-20", "2026-05-20", "week"),
        ("12m", "2025-06-01", "2026-05-20", "month"),
        ("mtd", "2026-05-01", "2026-05-20", "day"),
        ("qtd", "2026-04-01", "2026-05-20", "week"),
        ("ytd", "2026-01-01", "2026-05-20", "month"),
        ("all", "2024-02-29", "2026-05-20", "month"),
    ],
)
def test_every_period_by_its_name(name: str, first: str, last: str, granularity: str) -> None:
    asked = parse(period=name)
    assert (str(asked.period.first), str(asked.period.last)) == (first, last)
    assert (asked.period.name, asked.granularity) == (name, granularity)
    assert name in PERIOD_NAMES


@pytest.mark.parametrize(
    ("parameters", "first", "last"),
    [
        ({"period": "7d"}, "2026-05-07", "2026-05-13"),
        ({"period": "7d", "compare": "year"}, "2025-05-14", "2025-05-20"),
        ({"period": "mtd"}, "2026-04-01", "2026-04-20"),
        ({"period": "mtd", "compare": "year"}, "2025-05-01", "2025-05-20"),
        ({"period": "qtd"}, "2026-01-01", "2026-02-20"),
        ({"period": "ytd"}, "2025-01-01", "2025-05-20"),
        ({"period": "12m"}, "2024-06-01", "2025-05-20"),
        ({"period": "24h"}, "2026-05-18", "2026-05-19"),
        ({"from_": "2026-03-01", "to": "2026-03-31"}, "2026-01-29", "2026-02-28"),
        ({"from_": "2024-02-29", "to": "2024-02-29", "compare": "year"}, "2023-02-28", "2023-02-28"),
    ],
)
def test_what_a_period_is_compared_with(parameters: dict[str, str], first: str, last: str) -> None:
    compared = parse(**parameters).before()
    assert compared is not None
    assert (str(compared.period.first), str(compared.period.last)) == (first, last)
    assert compared.before() is None


@pytest.mark.parametrize("parameters", [{"period": "7d", "compare": "none"}, {"period": "all"}])
def test_what_is_compared_with_nothing(parameters: dict[str, str]) -> None:
    assert parse(**parameters).before() is None


def test_the_last_day_of_a_month_is_compared_with_the_last_of_the_month_before() -> None:
    compared = parse(now=datetime.fromisoformat("2026-03-31T12:00:00+02:00"), period="mtd").before()
    assert compared is not None
    assert (compared.period.first, compared.period.last) == (date(2026, 2, 1), date(2026, 2, 28))


def test_without_a_word_it_is_the_last_thirty_days_beside_those_before() -> None:
    asked = parse(period="", compare=" ", granularity="")
    assert (asked.period.name, asked.comparison) == ("30d", Comparison.PREVIOUS)
    assert asked == parse()


def test_days_are_the_profiles_own() -> None:
    asked = parse(now=datetime.fromisoformat("2026-05-20T22:30:00+00:00"), period="7d")
    assert asked.period.last == date(2026, 5, 21)
    assert asked.period.start == datetime.fromisoformat("2026-05-15T00:00:00+02:00")


def test_from_without_to_ends_today() -> None:
    asked = parse(from_="2026-05-18")
    assert [str(bucket.first) for bucket in asked.buckets] == ["2026-05-18", "2026-05-19", "2026-05-20"]
    assert [bucket.running for bucket in asked.buckets] == [False, False, True]


def test_days_to_come_are_named_and_are_the_future() -> None:
    assert [bucket.future for bucket in parse(from_="2026-05-20", to="2026-05-21").buckets] == [False, True]


def test_weeks_are_iso_weeks_clipped_to_the_range() -> None:
    buckets = parse(from_="2026-05-06", to="2026-05-20", granularity="week").buckets
    assert [(str(bucket.first), str(bucket.last), bucket.clipped, bucket.running) for bucket in buckets] == [
        ("2026-05-06", "2026-05-10", True, False),
        ("2026-05-11", "2026-05-17", False, False),
        ("2026-05-18", "2026-05-20", False, True),
    ]


def test_what_the_caller_expects_is_checked() -> None:
    assert parse(timezone="Europe/Berlin", currency="EUR") == parse()


@pytest.mark.parametrize(
    ("parameters", "pointer", "says"),
    [
        ({"period": "31d"}, "period", "There is no period '31d'; give one of 24h, 7d, 30d"),
        ({"period": "7d", "from_": "2026-05-01"}, "period", "either period, or from and to"),
        ({"to": "2026-05-01"}, "from", "Give from as well"),
        ({"from_": "01.05.2026"}, "from", "'01.05.2026' is not a date; write it like 2026-03-31."),
        ({"from_": "2026-02-30"}, "from", "is not a date"),
        ({"from_": "20260501"}, "from", "is not a date"),
        ({"from_": "x" * 5000}, "from", "is not a date"),
        ({"from_": "\x002026-05-1"}, "from", "is not a date"),
        ({"from_": "1969-12-31"}, "from", "out of range: dates run from 1970-01-01 to 2100-12-31"),
        ({"from_": "2026-01-01", "to": "2101-01-01"}, "to", "out of range"),
        (
            {"from_": "2026-05-02", "to": "2026-05-01"},
            "to",
            "ends (2026-05-01) before it begins (2026-05-02)",
        ),
        ({"from_": "2026-05-21"}, "to", "before it begins"),
        ({"granularity": "year"}, "granularity", "no granularity 'year'; give one of hour, day, week, month"),
        ({"compare": "last"}, "compare", "no compare 'last'; give one of previous, year, none"),
        ({"period": "24h", "granularity": "day"}, "granularity", "shown by the hour"),
        ({"period": "7d", "granularity": "hour"}, "granularity", "one day at a time"),
        ({"from_": "1970-01-01", "granularity": "day"}, "granularity", "20,594 days are too many"),
        ({"timezone": "UTC"}, "timezone", "kept in Europe/Berlin; ask without timezone"),
        ({"currency": "usd"}, "currency", "reported in EUR; ask without currency"),
    ],
)
def test_what_can_not_be_asked(parameters: dict[str, str], pointer: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(**parameters)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert says in str(refused.value)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-20", 24)])
def test_a_day_by_the_hour_has_the_hours_that_its_clock_shows(day: str, hours: int) -> None:
    asked = parse(from_=day, to=day, granularity="hour")
    assert asked.granularity is Granularity.HOUR
    assert len(asked.buckets) == hours


def test_all_begins_with_the_first_day_that_has_data(database: Database) -> None:
    def earliest(**place: Any) -> date | None:
        with database.transaction() as tx:
            profile = profiles.add(tx, name="P", at=current(), **place)
            return profiles.first_day(tx, profile.profile_id)

    assert earliest(time_zone="UTC", currency="EUR") is None
    assert scope.parse(BERLIN, {"period": "all"}, NOW).period.first == date(2026, 5, 20)


def test_the_same_question_over_other_periods() -> None:
    asked = parse(period="90d", compare="year")
    assert (asked.over("24h").granularity, asked.over("7d").period.name) == (Granularity.HOUR, "7d")
    assert asked.over("7d").comparison is Comparison.YEAR
    today, before = asked.today, asked.today.before()
    assert (str(today.period.first), str(today.period.last), today.granularity) == (
        "2026-05-20", "2026-05-20", Granularity.HOUR,
    )  # fmt: skip
    assert before is not None
    assert str(before.period.first) == "2026-05-19"
