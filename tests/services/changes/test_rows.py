"""What a change makes of each kind of row."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models.schema import cost_entries, engagement_metrics, profile_events, transaction_refunds
from models.stores import Stores
from services import changes, costs, profiles, rollups
from services.changes import rows
from services.ingest import events
from services.ingest import transactions as ingest
from services.ingest.inputs import Cost, Event
from services.profiles import Profile
from tests.services.ingest.test_transactions import ID, NOW, daily, record, refund, row, sale

Publish = Callable[..., None]


def change(stores: Stores, profile: Profile, zone: str | None = None, currency: str | None = None) -> Profile:
    """The profile after the change, all of whose sums hold."""
    wanted = (zone or profile.time_zone, currency or profile.currency)
    changes.change(stores.database, profile.profile_id, *wanted)
    assert rollups.verify(stores.database, profile.profile_id) == []
    changed = profiles.find(stores.database, profile.profile_id)
    assert (changed.time_zone, changed.currency) == wanted
    return changed


def see(stores: Stores, profile: Profile, *times: str) -> None:
    views = [
        Event(profile_id=profile.profile_id, event_type="view", timestamp=datetime.fromisoformat(time))
        for time in times
    ]
    events.store(stores, views, NOW)


def values(stores: Stores, profile: Profile, table: Any, *names: str) -> list[tuple[Any, ...]]:
    columns = [table.c[name] for name in names]
    with stores.database.transaction() as tx:
        found = tx.rows(select(*columns).where(table.c.profile_id == profile.profile_id).order_by(*columns))
    return [tuple(each.values()) for each in found]


def test_events_fall_on_the_days_and_hours_of_a_half_hour_zone(stores: Stores, anna: Profile) -> None:
    see(stores, anna, "2026-10-31T18:29:59Z", "2026-10-31T18:30:00Z", "2026-11-01T18:10:00Z")
    change(stores, anna, "Asia/Kolkata")
    days = [day for (day,) in values(stores, anna, profile_events, "local_date")]
    assert days == [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 1)]
    hours = values(stores, anna, engagement_metrics, "recorded_at", "value")
    assert [(f"{hour:%d %H:%M}", value) for hour, value in hours] == [
        ("31 17:30", 1),
        ("31 18:30", 1),
        ("01 17:30", 1),
    ]


def test_events_fall_on_their_days_on_both_sides_of_a_change_of_clocks(
    stores: Stores, priya: Profile
) -> None:
    # Berlin leaves summer time on 25 October.
    see(stores, priya, "2026-10-24T22:00Z", "2026-10-25T22:30Z", "2026-10-25T23:00Z")
    change(stores, priya, "Europe/Berlin")
    days = [day for (day,) in values(stores, priya, profile_events, "local_date")]
    assert days == [date(2026, 10, 25), date(2026, 10, 25), date(2026, 10, 26)]


def test_a_row_with_a_date_alone_keeps_it_and_one_with_a_time_moves(stores: Stores, anna: Profile) -> None:
    timed = UUID(int=2)
    evening = datetime.fromisoformat("2026-11-10T20:00:00+01:00")
    record(stores, anna, sale(anna, id=ID), sale(anna, id=timed, date=evening))
    refund(stores, anna, "30", "r1")
    with stores.database.transaction() as tx:
        ingest.refund(tx, anna, timed, Decimal(5), evening, "r2", NOW)
    tokyo = change(stores, anna, "Asia/Tokyo")
    assert daily(stores, tokyo, "gross") == {"2026-11-10": 100, "2026-11-11": 100}
    assert daily(stores, tokyo, "refunds") == {"2026-11-11": 5, "2026-11-12": 30}
    dated, moved = row(stores, anna), row(stores, anna, timed)
    assert (dated["local_date"], dated["transaction_date"]) == (
        date(2026, 11, 10),
        datetime(2026, 11, 9, 15, tzinfo=UTC),
    )
    assert dated["refunded_at"] == datetime(2026, 11, 11, 15, tzinfo=UTC)
    assert (moved["local_date"], moved["transaction_date"]) == (date(2026, 11, 11), evening)
    change(stores, tokyo, "America/New_York")
    assert daily(stores, anna, "gross") == {"2026-11-10": 200}
    assert row(stores, anna)["transaction_date"] == datetime(2026, 11, 10, 5, tzinfo=UTC)


def test_yen_have_no_decimals_and_parts_give_back_the_whole(
    stores: Stores, anna: Profile, publish: Publish
) -> None:
    publish("JPY", "2026-11-09", "160.37")
    record(stores, anna, sale(anna, id=ID, amount="10.01"))
    for reference in ("r1", "r2", "r3"):
        refund(stores, anna, "3.33", reference)
    spend(stores, anna, "10.01")
    yen = change(stores, anna, currency="JPY")
    assert daily(stores, yen, "gross") == {"2026-11-10": 1605}
    assert [amount for (amount,) in values(stores, anna, transaction_refunds, "reporting_amount")] == [
        534,
        534,
        534,
    ]
    assert values(stores, anna, cost_entries, "reporting_amount", "rate_date") == [(1605, date(2026, 11, 9))]
    refund(stores, yen, None, "r4")
    assert sum(daily(stores, yen, "refunds").values()) == 1605
    change(stores, yen, currency="EUR")
    assert daily(stores, anna, "gross") == {"2026-11-10": Decimal("10.01")}
    assert sum(daily(stores, anna, "refunds").values()) == Decimal("10.01")
    assert (row(stores, anna)["rate"], row(stores, anna)["rate_date"]) == (None, None)
    assert values(stores, anna, cost_entries, "reporting_amount", "rate") == [(Decimal("10.01"), None)]


def test_a_refund_takes_the_rate_of_its_sale(stores: Stores, anna: Profile, publish: Publish) -> None:
    publish("USD", "2026-11-10", "1.25")
    publish("USD", "2026-11-12", "2")
    record(stores, anna, sale(anna, id=ID))
    refund(stores, anna, "40", "r1")
    change(stores, anna, currency="USD")
    assert daily(stores, anna, "gross") == {"2026-11-10": 125}
    assert daily(stores, anna, "refunds") == {"2026-11-12": 50}


def test_both_shares_of_a_duo_booking_are_converted(stores: Stores, anna: Profile, publish: Publish) -> None:
    publish("USD", "2026-11-10", "1.25")
    split = {"profile": "0.6", "partner": "0.4"}
    record(stores, anna, sale(anna, id=ID, type="booking", partnerId="p", split=split))
    refund(stores, anna, "50", "r1")
    change(stores, anna, currency="USD")
    assert daily(stores, anna, "gross") == {"2026-11-10": 75}
    assert daily(stores, anna, "refunds") == {"2026-11-12": Decimal("37.5")}
    assert daily(stores, anna, "partner_share") == {"2026-11-10": 50, "2026-11-12": -25}
    assert row(stores, anna)["share_amount"] == 60


def test_what_has_no_rate_in_the_new_currency_is_in_no_sum(
    stores: Stores, anna: Profile, publish: Publish
) -> None:
    publish("USD", "2026-11-10", "1.25")
    record(
        stores, anna,
        sale(anna, id=ID, date="2026-09-01"),
        sale(anna, amount="1"),
        sale(anna, amount="2", status="pending"),
    )  # fmt: skip
    refund(stores, anna, "30", "r1")
    spend(stores, anna, "8", "2026-09-01")
    usd = change(stores, anna, currency="USD")
    assert daily(stores, usd, "gross") == {"2026-11-10": Decimal("1.25")}
    assert daily(stores, usd, "pending") == {"2026-11-10": Decimal("2.5")}
    assert daily(stores, usd, "refunds") == {}
    assert row(stores, anna)["reporting_amount"] is None
    assert values(stores, anna, cost_entries, "reporting_amount") == [(None,)]
    change(stores, usd, currency="EUR")
    assert daily(stores, anna, "gross") == {"2026-09-01": 100, "2026-11-10": 1}
    assert daily(stores, anna, "refunds") == {"2026-11-12": 30}


def test_a_sale_that_falls_on_another_day_takes_the_rate_of_that_day(
    stores: Stores, anna: Profile, publish: Publish
) -> None:
    publish("USD", "2026-11-10", "1.25")
    publish("USD", "2026-11-11", "2")
    night, noon = UUID(int=2), UUID(int=3)
    record(
        stores, anna,
        sale(anna, id=night, currency="USD", date="2026-11-10T23:00:00+01:00"),
        sale(anna, id=noon, currency="USD", date="2026-11-10T12:00:00+01:00"),
    )  # fmt: skip
    refund(stores, anna, "50", "r1", sale_id=night)
    publish("USD", "2026-11-10", "4", "operator")
    change(stores, anna, "Asia/Tokyo")
    # What stays on its day keeps the rate it was converted at.
    assert daily(stores, anna, "gross") == {"2026-11-10": 80, "2026-11-11": 50}
    assert daily(stores, anna, "refunds") == {"2026-11-12": 25}


@pytest.mark.parametrize("many", [1, 2, 3])
def test_rows_of_several_batches_are_all_changed(
    stores: Stores, anna: Profile, publish: Publish, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)
    publish("USD", "2026-11-10", "1.25")
    for _ in range(many):
        record(stores, anna, sale(anna))
        spend(stores, anna, "8")
    told: list[tuple[int, int]] = []
    changes.change(
        stores.database,
        anna.profile_id,
        "Europe/Berlin",
        "USD",
        lambda done, total: told.append((done, total)),
    )
    assert daily(stores, anna, "gross") == {"2026-11-10": 125 * many}
    assert values(stores, anna, cost_entries, "reporting_amount") == [(10,)] * many
    assert told == sorted(told)
    assert told[-1] == (3 * many, 3 * many)


def test_other_profiles_stay_as_they_are(
    stores: Stores, anna: Profile, priya: Profile, publish: Publish
) -> None:
    publish("INR", "2026-11-10", "100")
    for profile in (anna, priya):
        see(stores, profile, "2026-11-10T23:30:00Z")
        record(stores, profile, sale(profile, id=ID, currency="EUR", amount="3"))
    change(stores, anna, "America/New_York", "USD")
    assert values(stores, priya, profile_events, "local_date") == [(date(2026, 11, 11),)]
    assert daily(stores, priya, "gross") == {"2026-11-10": 300}


def spend(stores: Stores, profile: Profile, amount: str, day: str = "2026-11-10") -> None:
    lamp = {"category": "tools", "description": "A lamp", "amount": amount, "currency": "EUR", "date": day}
    with stores.database.transaction() as tx:
        costs.add(tx, profile, Cost(profile_id=profile.profile_id, **lamp), NOW)
