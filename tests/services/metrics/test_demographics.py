"""Donors in groups: who is new, who came back, who stayed away, and what they gave."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as let
from hypothesis import strategies as st

from models.period import Period
from models.stores import Stores
from services import profiles
from services.metrics import report
from services.metrics.demographics import OTHER, Group, counted, demographics
from services.metrics.donors import every_donor
from services.profiles import Profile
from tests.services.metrics.giving import NOVEMBER, NOW, ask, give, many


def test_new_returning_and_lapsed(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-05", "10", 20))
    give(stores, anna, many("2026-01-02", "10", 6))  # of whom all give again
    give(stores, anna, many("2026-10-15", "10", 9, "gone"))
    give(stores, anna, many("2026-10-15", "10", 5))
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert (found.donors, found.new, found.returning) == (20, 14, 6)
    assert (found.lapsed, found.stayed) == (9, 5)
    assert found.previous is not None
    assert found.previous.period.first == date(2026, 10, 2)


def test_a_first_gift_on_the_first_day_is_new(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-01", "10", 5))
    give(stores, anna, many("2026-10-31", "10", 6, "before"))
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert (found.new, found.returning, found.lapsed) == (5, 0, 6)


def test_without_a_period_before_nobody_has_lapsed(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-05", "10", 20))
    found = demographics(stores.database, ask(anna, period="all"))
    assert (found.new, found.lapsed, found.stayed, found.previous) == (20, None, None, None)


def test_a_small_group_and_what_it_could_be_worked_out_from_are_hidden(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-05", "10", 20))
    give(stores, anna, many("2026-10-02", "10", 4))
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert (found.donors, found.new, found.returning) == (20, None, None)
    assert (found.lapsed, found.stayed) == (None, None)
    assert found.bands == (Group(20, Decimal(200)), *[Group(0, Decimal(0))] * 3)


@pytest.mark.parametrize(("count", "share"), [(4, None), (5, 1), (40, Decimal("0.25"))])
def test_the_share_of_the_ten_largest(stores: Stores, anna: Profile, count: int, share: Any) -> None:
    give(stores, anna, many("2026-11-05", "10", count))
    give(stores, anna, [("2026-11-05", "1000", None)])
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert found.top_share == share
    assert found.donors == count


def test_fewer_than_five_donors_show_nothing_of_themselves(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-05", "10", 4), country="de")
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert (found.new, found.returning, found.top_share) == (None, None, None)
    assert found.countries == {OTHER: Group(None, None)}
    assert set(found.bands) == {Group(None, None)}


def test_the_bands_are_of_what_each_gave_together(stores: Stores, anna: Profile) -> None:
    for amount, name in (("24.99", "a"), ("25", "b"), ("100", "c"), ("500", "d")):
        give(stores, anna, many("2026-11-05", amount, 5, name))
    give(stores, anna, many("2026-11-06", "75", 5, "b"))  # 25 and 75 make 100
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert [group.donors for group in found.bands] == [5, 0, 10, 5]
    assert [group.revenue for group in found.bands] == [
        Decimal("124.95"), Decimal(0), Decimal(1000), Decimal(2500),
    ]  # fmt: skip


def test_countries_unknown_apart_and_small_ones_together(stores: Stores, anna: Profile) -> None:
    for country, count in (("de", 7), ("at", 9), ("ch", 3), ("fr", 2), (None, 6)):
        give(stores, anna, many("2026-11-05", "10", count, country or "x"), country=country)
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert list(found.countries.items()) == [
        ("AT", Group(9, Decimal(90))),
        ("DE", Group(7, Decimal(70))),
        (OTHER, Group(5, Decimal(50))),
        ("", Group(6, Decimal(60))),
    ]


def test_a_single_small_country_hides_the_next_smallest(stores: Stores, anna: Profile) -> None:
    for country, count in (("de", 7), ("at", 9), ("ch", 3)):
        give(stores, anna, many("2026-11-05", "10", count, country), country=country)
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert found.countries == {
        "AT": Group(9, None), "DE": Group(None, None), OTHER: Group(None, None),
    }  # fmt: skip


def test_only_gifts_that_count(stores: Stores, anna: Profile, priya: Profile) -> None:
    give(stores, anna, many("2026-11-05", "10", 5))
    give(stores, anna, many("2026-11-05", "10", 6, "later"), status="pending")
    give(stores, anna, many("2026-11-05", "10", 7, "no-rate"), currency="XAF")
    give(stores, anna, many("2026-11-05", "10", 8, "back"), status="refunded", refundedAmount="10")
    give(stores, anna, many("2026-12-05", "10", 1, "later"))
    give(stores, priya, many("2026-11-05", "10", 9, "hers"))
    found = demographics(stores.database, ask(anna, **NOVEMBER))
    assert (found.donors, found.new, found.returning) == (13, 13, 0)


def test_over_the_last_24_hours_instants_count(stores: Stores, anna: Profile) -> None:
    give(stores, anna, many("2026-11-20T11:00:00+01:00", "10", 12))
    give(stores, anna, many("2026-11-19T11:00:00+01:00", "10", 5))
    give(stores, anna, many("2026-11-18T14:00:00+01:00", "10", 6, "gone"))
    found = demographics(stores.database, ask(anna, period="24h"))
    assert (found.donors, found.new, found.returning) == (12, 7, 5)
    assert (found.lapsed, found.stayed) == (6, 5)


@settings(
    max_examples=15, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@let(
    gifts=st.lists(
        st.tuples(
            st.integers(0, 90),
            st.sampled_from(("0", "1", "24.99", "25", "100", "600")),
            st.sampled_from((None, *"abcdefghijklm")),
            st.sampled_from((None, "de", "at")),
        ),
        max_size=40,
    ),
    period=st.sampled_from(("24h", "7d", "30d", "mtd", "all")),
)
def test_the_groups_are_all_the_donors(
    stores: Stores, gifts: list[tuple[int, str, str | None, str | None]], period: str
) -> None:
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="Anna", time_zone="Europe/Berlin", currency="EUR", at=NOW)
    for back, amount, donor, country in gifts:
        give(stores, profile, [((NOW - timedelta(days=back)).isoformat(), amount, donor)], country=country)
    asked = ask(profile, period=period)
    found = counted(stores.database, asked)
    assert found.donors == report(stores.database, asked, ["donorCount"])["donorCount"].total
    assert found.new is not None
    assert found.returning is not None
    assert found.new + found.returning == found.donors
    assert sum(group.donors or 0 for group in found.bands) == found.donors
    assert sum(group.donors or 0 for group in found.countries.values()) == found.donors
    listed = list(every_donor(stores.database, asked))
    assert len(listed) == found.donors
    revenue = sum(donor.total for donor in listed)
    assert sum(group.revenue or 0 for group in found.bands) == revenue
    assert sum(group.revenue or 0 for group in found.countries.values()) == revenue
    inside, before = _givers(gifts, asked.period), _givers(gifts, found.previous and found.previous.period)
    earlier = {donor for back, _, donor, _ in gifts if NOW - timedelta(days=back) < asked.period.start}
    assert found.new == len(inside - earlier)
    assert found.lapsed == (len(before - inside) if found.previous else None)
    assert found.stayed == (len(before & inside) if found.previous else None)
    shown = demographics(stores.database, asked)
    assert all(value is None or value == 0 or value >= 5 for value in _sizes(shown))


def _givers(gifts: list[tuple[int, str, str | None, str | None]], period: Period | None) -> set[str]:
    days = ((NOW - timedelta(days=back), donor) for back, _, donor, _ in gifts)
    return {donor for at, donor in days if period and donor and period.start <= at < period.end}


def _sizes(found: Any) -> list[int | None]:
    groups = (*found.bands, *found.countries.values())
    return [found.new, found.returning, found.lapsed, found.stayed, *(group.donors for group in groups)]
