"""What is told of what came in: once it is stored, in order, and only what is news."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from models.clock import now
from models.feed import START
from models.stores import Stores
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.live.outbox import committing
from services.profiles import Profile


def told(stores: Stores, profile: Profile) -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in stores.feed.after(profile.profile_id, START).entries]


def view(profile: Profile, **given: Any) -> Event:
    return Event(profile_id=profile.profile_id, event_type=given.pop("kind", "view"), ip="192.0.2.7", **given)


def sell(stores: Stores, profile: Profile, **given: Any) -> None:
    item = Transaction(profile_id=profile.profile_id, amount="12.5", **given)
    with committing(stores) as tx:
        transactions.record(tx, profile, [item], now())


def test_a_view_is_told_as_it_was_stored(stores: Stores, anna: Profile) -> None:
    at, key = now(), uuid4()
    events.store(stores, [view(anna, id=key, timestamp=at, referrer="https://instagram.com/x")], at)
    (message,) = told(stores, anna)
    assert message["event"] == "profile-view"
    assert message["eventId"] == str(key)
    assert message["data"] == {
        "profileId": str(anna.profile_id),
        "ip": "192.0.2.7",
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "isGov": None,
        "source": "Instagram",
        "country": None,
        "device": None,
    }


def test_who_does_not_look_is_not_told(stores: Stores, anna: Profile) -> None:
    quiet = [
        view(anna, kind="click"),
        view(anna, is_owner=True),
        view(anna, user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)"),
        view(anna, timestamp=now() - timedelta(hours=25)),
    ]
    events.store(stores, quiet, now())
    events.store(stores, [view(anna)], now(), import_id=uuid4())
    assert told(stores, anna) == []


def test_a_view_that_comes_again_is_told_again_but_not_how_long_it_lasted(
    stores: Stores, anna: Profile
) -> None:
    at, key = now(), uuid4()
    for seconds in (None, None, 20, 20):
        events.store(stores, [view(anna, id=key, timestamp=at, duration_seconds=seconds)], now())
    assert [message["eventId"] for message in told(stores, anna)] == [str(key)] * 3


def test_views_of_a_batch_are_told_by_their_time(stores: Stores, anna: Profile) -> None:
    at = now()
    ago = (3, 1, 2, 5, 4)
    events.store(stores, [view(anna, id=uuid4(), timestamp=at - timedelta(seconds=each)) for each in ago], at)
    times = [message["data"]["timestamp"] for message in told(stores, anna)]
    assert times == sorted(times)
    assert len(times) == 5


def test_nothing_is_told_of_what_was_not_stored(stores: Stores, anna: Profile) -> None:
    batch, at = [view(anna)], now()
    events.prepare(stores, batch, at)
    with pytest.raises(RuntimeError), committing(stores) as tx:
        events.store_in(tx, stores, batch, at)
        raise RuntimeError
    assert told(stores, anna) == []


@pytest.mark.parametrize(
    ("given", "event", "data"),
    [
        (
            {"type": "gift", "giftId": "rose", "category": "roses", "donorId": "ada"},
            "gift-purchased",
            {"giftId": "rose", "category": "roses", "donorId": "ada", "giftName": None},
        ),
        (
            {"type": "booking", "bookingId": "b1", "partnerId": "p",
             "split": {"profile": "0.6", "partner": "0.4"}},
            "booking-completed",
            {"bookingId": "b1", "partnerId": "p", "split": {"profile": "0.6", "partner": "0.4"}},
        ),
        (
            {"type": "subscription", "subscriptionId": "s", "subscriberId": "eve", "interval": "month"},
            "subscription-charged",
            {"subscriptionId": "s", "subscriberId": "eve", "interval": "month"},
        ),
        ({"type": "affiliate"}, "affiliate-earned", {"itemId": None}),
    ],
)  # fmt: skip
def test_a_sale_is_told_by_its_name(
    stores: Stores, anna: Profile, given: dict[str, Any], event: str, data: dict[str, Any]
) -> None:
    sell(stores, anna, **given)
    (message,) = told(stores, anna)
    assert message["event"] == event
    assert message["data"].items() >= {**data, "amount": "12.50", "currency": "EUR"}.items()


def test_a_pending_sale_is_told_when_it_is_completed(stores: Stores, anna: Profile) -> None:
    key = uuid4()
    sell(stores, anna, id=key, type="gift", status="pending")
    assert told(stores, anna) == []
    sell(stores, anna, id=key, type="gift")
    assert [message["event"] for message in told(stores, anna)] == ["gift-purchased"]


def test_a_refund_is_told_apart_and_once_more_when_it_comes_again(stores: Stores, anna: Profile) -> None:
    key, own = uuid4(), uuid4()
    sell(stores, anna, id=key, type="gift")
    for _ in range(2):
        with committing(stores) as tx:
            transactions.refund(tx, anna, key, Decimal(5), now(), str(own), now())
    sell(stores, anna, id=key, type="gift", status="refunded")
    messages = told(stores, anna)
    assert [message["event"] for message in messages] == ["gift-purchased", *["transaction-refunded"] * 3]
    assert [message["data"]["amount"] for message in messages] == ["12.50", "5.00", "5.00", "7.50"]
    assert [message["eventId"] for message in messages[1:3]] == [str(own)] * 2


def test_a_refunded_sale_that_comes_again_is_told_again_with_its_refund(
    stores: Stores, anna: Profile
) -> None:
    key = uuid4()
    for _ in range(2):
        sell(stores, anna, id=key, type="gift", status="refunded")
    messages = told(stores, anna)
    assert [message["event"] for message in messages] == ["gift-purchased", "transaction-refunded"] * 2
    assert len({message["eventId"] for message in messages}) == 2


def test_old_sales_change_figures_silently(stores: Stores, anna: Profile) -> None:
    sell(stores, anna, type="gift", date=now() - timedelta(days=2))
    assert told(stores, anna) == []
