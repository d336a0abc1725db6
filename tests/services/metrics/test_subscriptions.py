"""Subscriptions: who stays, comes and goes, held against a model that walks through time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.database import Database
from models.period import shift_months
from models.schema import transactions as table
from services import scope
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.metrics import report
from services.metrics.report import Report
from services.profiles import Profile

KEYS = ("activeSubscribers", "newSubscribers", "churnedSubscribers", "mrr")
NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
EIGHT = Decimal("0.00000001")


def charge(at: str | datetime, who: str | None = "ada", **more: Any) -> dict[str, Any]:
    given = {"type": "subscription", "amount": "20", "interval": "month", "date": at, **more}
    return given if who is None else {"subscriberId": who, "subscriptionId": "letters", **given}


def store(database: Database, profile: Profile, *charges: dict[str, Any]) -> None:
    batch = [Transaction(profile_id=profile.profile_id, **each) for each in charges]
    with database.transaction() as tx:
        transactions.record(tx, profile, batch, NOW)


def asked(database: Database, profile: Profile, now: datetime = NOW, **parameters: str) -> Report:
    return report(database, scope.parse(profile, parameters, now), KEYS)


def totals(found: Report) -> list[Any]:
    return [found[key].total for key in KEYS]


def test_nothing_is_nothing(database: Database, anna: Profile) -> None:
    assert totals(asked(database, anna)) == [0, 0, 0, 0]


def test_a_subscription_by_month(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-03-10T12:00:00Z"), charge("2026-04-10T12:00:00Z"))
    found = asked(database, anna, **{"from": "2026-02-01", "to": "2026-07-31", "granularity": "month"})
    assert found["activeSubscribers"].points == (0, 1, 1, 0, 0, 0)
    assert found["newSubscribers"].points == (0, 1, 0, 0, 0, 0)
    assert found["churnedSubscribers"].points == (0, 0, 0, 1, 0, 0)
    assert found["mrr"].points == (0, 20, 20, 0, 0, 0)
    assert totals(found) == [0, 1, 1, 0]


def test_a_level_is_carried_into_the_period_and_compared_with_the_end_of_the_one_before(
    database: Database, anna: Profile
) -> None:
    store(database, anna, charge("2026-11-01"), charge("2026-11-18", "bea"))
    figure = asked(database, anna, period="7d")["activeSubscribers"]
    assert figure.points == (1, 1, 1, 1, 2, 2, 2)
    assert (figure.total, figure.before, figure.before_points) == (2, 1, (1,) * 7)


def test_a_level_by_the_hour_of_the_last_24(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-11-01"), charge("2026-11-20T09:30:00Z", "bea"))
    found = asked(database, anna, period="24h")
    assert found["activeSubscribers"].points == (1,) * 21 + (2, 2, 2)
    assert found["mrr"].points == (20,) * 21 + (40, 40, 40)
    assert found["newSubscribers"].points == (0,) * 21 + (1, 0, 0)
    assert totals(found) == [2, 1, 0, 40]


def test_a_level_by_the_hour_of_one_day(database: Database, priya: Profile) -> None:
    store(database, priya, charge("2026-11-01", currency="INR"))
    store(database, priya, charge("2026-11-20T03:00:00Z", "bea", currency="INR"))  # 08:30 in India
    found = asked(database, priya, NOW, **{"from": "2026-11-20", "to": "2026-11-20", "granularity": "hour"})
    shown = found["activeSubscribers"].points  # it is 16:30 there
    assert shown == (1,) * 8 + (2,) * 9 + (None,) * 7
    assert found["activeSubscribers"].total == 2


def test_steps_to_come_have_no_level(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-11-01"))
    found = asked(database, anna, **{"from": "2026-11-19", "to": "2026-11-22"})
    assert found["activeSubscribers"].points == (1, 1, None, None)
    assert found["activeSubscribers"].total == 1
    assert asked(database, anna, **{"from": "2026-12-01", "to": "2026-12-31"})["mrr"].total is None


def test_what_is_not_over_has_not_lapsed(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-10-05T11:00:00Z"))  # until 20 November, 11:00
    before = asked(database, anna, NOW - timedelta(seconds=1))
    assert (before["activeSubscribers"].total, before["churnedSubscribers"].total) == (1, 0)
    after = asked(database, anna, NOW)
    assert (after["activeSubscribers"].total, after["churnedSubscribers"].total) == (0, 1)


def test_it_lapses_on_the_local_day(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-08-03T22:30:00Z"))  # until 18 September, half past midnight in Berlin
    churned = asked(database, anna, **{"from": "2026-09-17", "to": "2026-09-20"})["churnedSubscribers"]
    assert churned.points == (0, 0, 1, 0)


@pytest.mark.parametrize(("interval", "mrr"), [
    ("week", "86.66666667"), ("month", "20"), ("quarter", "6.66666667"), ("year", "1.66666667"), (None, "20"),
])  # fmt: skip
def test_what_a_charge_is_per_month(
    database: Database, anna: Profile, interval: str | None, mrr: str
) -> None:
    store(database, anna, charge("2026-11-18", interval=interval))
    assert asked(database, anna)["mrr"].total == Decimal(mrr)


def test_a_changed_price_counts_from_its_charge_on(database: Database, anna: Profile) -> None:
    store(database, anna, charge("2026-10-01"), charge("2026-11-01", amount="30"))
    found = asked(database, anna, **{"from": "2026-10-31", "to": "2026-11-02"})
    assert found["mrr"].points == (20, 30, 30)
    assert found["newSubscribers"].total == 0


def test_what_counts(database: Database, anna: Profile) -> None:
    store(
        database,
        anna,
        charge("2026-11-10", "pending", status="pending"),
        charge("2026-11-10", "refunded", status="refunded", refundedAmount="20"),
        charge("2026-11-10", None),
        charge("2026-11-25", "tomorrow"),
        charge("2026-11-10", "ada") | {"type": "gift"},
    )
    assert totals(asked(database, anna)) == [0, 0, 0, 0]
    store(
        database,
        anna,
        charge("2026-11-10", "in part", status="refunded", refundedAmount="19"),
        charge("2026-11-10", "free", amount="0"),
        charge("2026-11-10", None, subscriptionId="letters"),
        charge("2026-11-10", None, subscriberId="bea"),
        charge("2026-11-10", None, subscriberId="bea", subscriptionId="second"),
        charge("2026-11-10", "no rate", currency="USD"),
    )
    assert totals(asked(database, anna)) == [6, 6, 0, 80]


@dataclass(frozen=True)
class Charge:
    who: str
    at: datetime
    amount: Decimal
    interval: str

    @property
    def until(self) -> datetime:
        months = {"month": 1, "quarter": 4, "year": 18}
        if self.interval == "week":
            return self.at + timedelta(days=10, hours=12)
        day = shift_months(self.at.date(), months[self.interval])
        rest = timedelta(days=0 if self.interval == "year" else 15)
        return datetime.combine(day, self.at.timetz()) + rest

    @property
    def monthly(self) -> Decimal:
        parts = {"week": Decimal(52) / 12, "month": 1, "quarter": 1 / Decimal(3), "year": 1 / Decimal(12)}
        return (self.amount * parts[self.interval]).quantize(EIGHT, ROUND_HALF_UP)


CHARGES = some.lists(
    some.builds(
        Charge,
        some.sampled_from(("ada", "bea", "eve")),
        some.integers(0, 24 * 1_000).map(
            lambda hours: datetime(2024, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
        ),
        some.decimals("0", "99", places=2),
        some.sampled_from(("week", "month", "month", "quarter", "year")),
    ),
    max_size=25,
    unique_by=lambda one: (one.who, one.at),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    charges=CHARGES,
    first=some.dates(date(2024, 1, 1), date(2026, 10, 31)),
    days=some.integers(1, 400),
    granularity=some.sampled_from(("day", "week", "month")),
)
def test_active_is_active_before_plus_new_less_churned(
    database: Database, anna: Profile, charges: list[Charge], first: date, days: int, granularity: str
) -> None:
    replace(database, anna, charges)
    last = first + timedelta(days=days - 1)
    found = asked(database, anna, **{"from": f"{first}", "to": f"{last}", "granularity": granularity})
    active, new, churned, mrr = (found[key].points for key in KEYS)
    level, _ = state(charges, found.buckets[0].start)
    for index, bucket in enumerate(found.buckets):
        if bucket.future:
            assert active[index] is mrr[index] is None
            continue
        level += (new[index] or 0) - (churned[index] or 0)
        assert active[index] == level
        assert (level, mrr[index]) == state(charges, min(bucket.end, NOW + timedelta(microseconds=1)))
    begun = [index for index, bucket in enumerate(found.buckets) if not bucket.future]
    assert found["newSubscribers"].total == sum(new[index] or 0 for index in begun)
    assert found["churnedSubscribers"].total == sum(churned[index] or 0 for index in begun)
    assert found["activeSubscribers"].total == (active[begun[-1]] if begun else None)


def replace(database: Database, profile: Profile, charges: Sequence[Charge]) -> None:
    """Makes these the only charges of the profile."""
    with database.transaction() as tx:
        tx.run(table.delete())
    store(
        database,
        profile,
        *(charge(one.at, one.who, id=uuid4(), amount=one.amount, interval=one.interval) for one in charges),
    )


def state(charges: Sequence[Charge], at: datetime) -> tuple[int, Decimal]:
    """How many are active right before `at`, and what they bring in a month."""
    active = list(_last(charges, at))
    return len(active), sum((one.monthly for one in active), Decimal(0))


def _last(charges: Sequence[Charge], at: datetime) -> Iterator[Charge]:
    for who in {one.who for one in charges}:
        charged = [one for one in charges if one.who == who and one.at < at]
        if charged and (last := max(charged, key=lambda one: one.at)).until >= at:
            yield last
