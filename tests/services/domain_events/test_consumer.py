"""What becomes of messages: counted once, given up with a reason, or kept until they can be counted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event as Signal
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from models.clock import now
from models.database import Database
from models.errors import InvalidInput, NotFound
from models.ids import new_id
from models.schema import profile_events, transaction_refunds, transactions
from models.stores import Stores
from services import rollups
from services.domain_events.consumer import MOST_DELIVERIES, Consumer, consume
from services.domain_events.dead import letter as letter_of
from services.domain_events.dead import retry
from services.domain_events.stream import GROUP, Stream
from services.profiles import Profile
from services.retention.months import close_months
from tests.services.domain_events.conftest import (
    BOOKING,
    CHARGE,
    GIFT,
    VIEW,
    Tell,
    dead,
    drain,
    event,
    unsettled,
)

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def count(stores: Stores, table: object = profile_events) -> int:
    with stores.database.transaction() as tx:
        return int(tx.value(select(func.count()).select_from(table)))


def verified(stores: Stores, profile: Profile) -> bool:
    return not list(rollups.verify(stores.database, profile.profile_id))


def stored(stores: Stores, key: str) -> dict[str, object]:
    with stores.database.transaction() as tx:
        row = tx.first(select(transactions).where(transactions.c.id == UUID(key)))
    assert row is not None
    return dict(row)


def test_a_view(stores: Stores, consumer: Consumer, tell: Tell, anna: Profile) -> None:
    at = now() - timedelta(minutes=2)
    key = tell(
        "profile.viewed",
        at=at,
        **VIEW,
        referrer="https://www.instagram.com/",
        durationSeconds=7.5,
        colour="red",
    )
    drain(consumer)
    with stores.database.transaction() as tx:
        (row,) = tx.rows(select(profile_events))
    assert (str(row["id"]), row["timestamp"], row["event_type"]) == (key, at, "view")
    assert (str(row["ip_address"]), row["referrer_source"], row["visible_ms"]) == (
        "192.0.2.1",
        "Instagram",
        7500,
    )
    (entry,) = stores.feed.latest(anna.profile_id, 10)
    assert json.loads(entry.body)["eventId"] == key
    assert verified(stores, anna)


def test_a_gift(stores: Stores, consumer: Consumer, tell: Tell) -> None:
    key = tell("gift.purchased", **GIFT, donorId="ada", donor={"country": "DE", "since": 2021})
    drain(consumer)
    row = stored(stores, key)
    assert row["transaction_type"] == "gift"
    assert (row["amount"], row["currency"], row["category"]) == (Decimal(25), "EUR", "flowers")
    assert (row["item_id"], row["item_name"]) == ("g-1", "Roses")
    assert (row["counterparty_id"], row["counterparty_country"]) == ("ada", "DE")
    assert row["metadata"] == {"donor": {"since": 2021}}


def test_a_booking_with_a_partner(stores: Stores, consumer: Consumer, tell: Tell) -> None:
    key = tell("booking.completed", **BOOKING, partnerId="bea", split={"profile": 0.6, "partner": 0.4})
    drain(consumer)
    row = stored(stores, key)
    assert (row["transaction_type"], row["item_id"], row["counterparty_id"]) == ("booking", "b-1", "carl")
    assert (row["amount"], row["share_amount"], row["partner_id"]) == (Decimal(200), Decimal(120), "bea")


@pytest.mark.parametrize(("told", "kept"), [("monthly", "month"), ("year", "year"), ("", None), (None, None)])
def test_a_charge(stores: Stores, consumer: Consumer, tell: Tell, told: str | None, kept: str | None) -> None:
    key = tell("subscription.charged", **CHARGE, interval=told)
    drain(consumer)
    row = stored(stores, key)
    assert (row["transaction_type"], row["item_id"], row["counterparty_id"]) == ("subscription", "s-1", "eve")
    assert (row["amount"], row["billing_interval"]) == (Decimal("12.5"), kept)


def test_a_refund_of_a_sale_in_the_same_batch(
    stores: Stores, consumer: Consumer, tell: Tell, anna: Profile
) -> None:
    gift = new_id()
    tell("transaction.refunded", at=now(), **{"giftId": "g-1", "amount": "10"})
    tell("gift.purchased", key=gift, **GIFT)
    drain(consumer)
    assert dead(consumer.stream) == []
    assert (stored(stores, str(gift))["status"], stored(stores, str(gift))["refunded_amount"]) == (
        "refunded",
        Decimal(10),
    )
    assert verified(stores, anna)


def test_the_same_refund_counts_once(stores: Stores, consumer: Consumer, tell: Tell) -> None:
    sale = tell("booking.completed", **BOOKING)
    drain(consumer)
    for refund in (str(new_id()), str(new_id())):
        for _ in range(3):
            tell("transaction.refunded", key=refund, bookingId="b-1", amount=50)
            drain(consumer)
    assert count(stores, transaction_refunds) == 2
    assert stored(stores, sale)["refunded_amount"] == Decimal(100)
    last = str(new_id())
    for _ in range(2):
        tell("transaction.refunded", key=last, bookingId="b-1")
        drain(consumer)
    assert stored(stores, sale)["refunded_amount"] == Decimal(200)
    assert dead(consumer.stream) == []


def test_a_refund_by_the_id_of_its_sale(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    sales = [tell("gift.purchased", **GIFT), tell("gift.purchased", **GIFT)]
    tell("transaction.refunded", giftId="g-1")
    drain(consumer)
    (letter,) = dead(stream)
    assert letter.reason == "2 sales are of the gift g-1: give the id of one."
    tell("transaction.refunded", id=sales[1])
    drain(consumer)
    assert [stored(stores, sale)["status"] for sale in sales] == ["completed", "refunded"]
    # Now there is one left that it can mean.
    assert retry(stream) == 1
    drain(consumer)
    assert [stored(stores, sale)["status"] for sale in sales] == ["refunded", "refunded"]
    assert dead(stream) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"giftId": "g-9"}, "There is no gift g-9; when its own event has come, retry this one."),
        ({"bookingId": "b-1", "amount": "300"}, "300.00 can't be refunded: 200 is left of the sale."),
        ({"bookingId": "b-1", "currency": "USD"}, "The sale is in EUR, not USD."),
        ({"bookingId": "b-1", "amount": 0}, "It must be more than 0. (/data/amount)"),
        ({}, "A refund names its sale: by id, giftId or bookingId. (/data)"),
    ],
)
def test_a_refund_that_can_not_be(
    consumer: Consumer, stream: Stream, tell: Tell, data: dict[str, object], reason: str
) -> None:
    tell("booking.completed", **BOOKING)
    tell("transaction.refunded", **data)
    drain(consumer)
    (letter,) = dead(stream)
    assert letter.reason == reason


def test_a_refund_waits_a_moment_for_its_sale(stores: Stores, stream: Stream, tell: Tell) -> None:
    """Another worker may have it in its hands."""
    patient = Consumer(stores, stream, "patient", grace=60)
    tell("transaction.refunded", bookingId="b-1")
    patient.turn()
    assert unsettled(stream) == 1
    sale = tell("booking.completed", **BOOKING)
    drain(patient)
    assert stored(stores, sale)["status"] == "refunded"
    assert dead(stream) == []


def test_a_refund_waits_for_a_sale_that_a_dead_worker_holds(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    """However long it takes until somebody misses that worker; what lies after it is not waited for."""
    waiting = Consumer(stores, stream, "waiting", idle=60, grace=0)
    stream.join()
    sale = tell("booking.completed", **BOOKING)
    assert stream.read("dead", 1, 0)
    tell("transaction.refunded", bookingId="b-1")
    waiting.turn()
    waiting.turn()
    assert dead(stream) == []
    waiting.idle = 0
    drain(waiting)
    assert stored(stores, sale)["status"] == "refunded"
    tell("transaction.refunded", bookingId="b-9")
    tell("booking.completed", **{**BOOKING, "bookingId": "b-9"})
    waiting.idle = 60
    stream.redis.xreadgroup(GROUP, "waiting", {stream.name: ">"}, count=1)
    assert stream.read("dead", 1, 0)
    late = Consumer(stores, stream, "waiting", idle=60, grace=0)
    late.turn()
    assert len(dead(stream)) == 1


def test_the_same_event_fifty_times(
    stores: Stores, consumer: Consumer, stream: Stream, anna: Profile
) -> None:
    view = json.dumps(event(anna, "profile.viewed", **VIEW))
    gift = json.dumps(event(anna, "gift.purchased", **GIFT))
    stream.publish([view, gift] * 25)
    drain(consumer)
    stream.publish([view, gift] * 25)
    drain(consumer)
    assert (count(stores), count(stores, transactions)) == (1, 1)
    assert verified(stores, anna)
    totals = stream.redis.hgetall(stream.totals)
    assert (totals["consumed:profile.viewed"], totals["repeated"]) == ("50", "98")


def test_poison_between_good_ones(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell, anna: Profile
) -> None:
    nobody = event(anna, "profile.viewed", **VIEW)
    nobody["data"]["profileId"] = str(uuid4())
    taken = tell("gift.purchased", **GIFT)
    poison = [
        ("this is no JSON", "It is no JSON: "),
        ("[1, 2]", "It must be an object."),
        ('{"type": "profile.viewed", "data": 1}', "It must be an object. (/data)"),
        (json.dumps(nobody), "There is no profile"),
        (json.dumps(event(anna, "profile.invented")), "There is no such type; give one of profile.viewed,"),
        (json.dumps({**event(anna, "x"), "type": None}), "There is no such type"),
        (json.dumps(event(anna, "gift.purchased", giftId="g")), "This field is missing. (/data/amount)"),
        (json.dumps(event(anna, "gift.purchased", **{**GIFT, "amount": "-1"})), "(/data/amount)"),
        (json.dumps(event(anna, "gift.purchased", **{**GIFT, "amount": "1e30"})), "amount"),
        (json.dumps(event(anna, "gift.purchased", **{**GIFT, "currency": "EURO"})), "(/data/currency)"),
        (json.dumps(event(anna, "gift.purchased", key=taken, **{**GIFT, "amount": 9})), "25 already"),
        (json.dumps(event(anna, "profile.viewed", ip="999.1.1.1")), "is not an IP address. (/data/ip)"),
        (json.dumps(event(anna, "profile.viewed", at=now() + timedelta(days=1))), "It lies in the future."),
        (json.dumps(event(anna, "profile.viewed", at=datetime(1980, 1, 1, tzinfo=UTC))), "before 1990"),
        (json.dumps(event(anna, "profile.viewed", userAgent="a\x00b")), "control characters"),
        (json.dumps(event(anna, "booking.completed", **BOOKING, split={"profile": 1, "partner": 1})), "sum"),
        (json.dumps(event(anna, "subscription.charged", **CHARGE, interval="fortnight")), "/data/interval"),
        (json.dumps(event(anna, "gift.purchased", **GIFT, donor={"a": "\ud800"})), "It is no JSON: "),
        (json.dumps(event(anna, "profile.viewed", ip="192.0.2.1")) + " " * 70_000, "65,536 characters"),
    ]
    for text, _ in poison:
        stream.publish([text])
        tell("profile.viewed", **VIEW)
    stream.redis.xadd(stream.name, {"event": b"\xff\xfe"})
    stream.redis.xadd(stream.name, {"something": "else"})
    tell("profile.viewed", **VIEW)
    drain(consumer)
    found = dead(stream)
    for letter, (text, reason) in zip(found, poison, strict=False):
        assert reason in letter.reason
        assert letter.text == text[:65_536]
    assert [letter.reason for letter in found[-2:]] == [
        "It is no text in UTF-8.",
        "The entry has no field `event`.",
    ]
    assert found[-2].text.encode("utf-8", "surrogateescape") == b"\xff\xfe"
    assert json.loads(found[-1].text) == {"something": "else"}
    assert len(found) == len(poison) + 2
    assert count(stores) == len(poison) + 1
    assert count(stores, transactions) == 1
    assert verified(stores, anna)


def test_retry_brings_in_what_can_be_counted_now(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    tell("transaction.refunded", bookingId="b-1")
    stream.publish(["poison"])
    drain(consumer)
    early, poison = dead(stream)
    with pytest.raises(NotFound, match="no dead letter 1-1"):
        retry(stream, [early.id, "1-1"])
    with pytest.raises(NotFound):
        retry(stream, ["-"])
    sale = tell("booking.completed", **BOOKING)
    assert retry(stream, [early.id, early.id]) == 1
    drain(consumer)
    assert stored(stores, sale)["status"] == "refunded"
    assert [letter.id for letter in dead(stream)] == [poison.id]
    assert retry(stream) == 1
    drain(consumer)
    (again,) = dead(stream)
    assert (again.text, again.reason) == (poison.text, poison.reason)


def test_what_a_dead_consumer_left_is_claimed(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    stream.join()
    for _ in range(3):
        tell("profile.viewed", **VIEW)
    assert len(stream.read("killed", 10, 0)) == 3
    drain(consumer)
    assert count(stores) == 3
    stream.forget("killed")
    assert [each["name"] for each in stream.redis.xinfo_consumers(stream.name, GROUP)] == ["first"]


def test_what_a_living_consumer_holds_is_left_to_it(stores: Stores, stream: Stream, tell: Tell) -> None:
    stream.join()
    tell("profile.viewed", **VIEW)
    stream.read("living", 10, 0)
    other = Consumer(stores, stream, "other", idle=60)
    tell("profile.viewed", **VIEW)
    other.turn()
    assert count(stores) == 1
    stream.forget("living")
    assert [each.consumer for each in stream.pending(10)] == ["living"]


def test_what_kills_its_worker_again_and_again_is_given_up(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    stream.join()
    tell("profile.viewed", **VIEW)
    key = tell("profile.viewed", **VIEW)
    stream.read("killed", 10, 0)
    for _ in range(MOST_DELIVERIES - 1):
        stream.claim("killed", stream.pending(10)[1:])
    drain(consumer)
    (letter,) = dead(stream)
    assert json.loads(letter.text)["id"] == key
    assert "no worker lived to acknowledge it" in letter.reason
    assert count(stores) == 1


def test_what_lost_its_worker_twice_is_counted_in_few_turns(
    stores: Stores, stream: Stream, tell: Tell
) -> None:
    """One of them may be what killed it; but one alone at a time, the stream would stand still for long."""
    stream.join()
    for _ in range(60):
        tell("profile.viewed", **VIEW)
    stream.read("killed", 100, 0)
    for each in stream.pending(5):
        stream.claim("killed again", [each])
        stream.claim("killed again", [each])
    stream.claim("killed again", stream.pending(100)[5:])
    other = Consumer(stores, stream, "other", idle=0)
    turns = []
    while stream.pending(1):
        other.turn()
        turns.append(count(stores))
    # Those of two deliveries by 25, those of three alone.
    assert turns == [25, 50, 55, 56, 57, 58, 59, 60]


def test_an_error_of_ours_is_no_end_for_the_others(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.domain_events import recording

    whole = recording.events.store_in

    def failing(tx: object, own: Stores, batch: list[object], *args: object) -> object:
        if any(getattr(each, "ip", None) == "192.0.2.66" for each in batch):
            raise KeyError("a mistake")
        return whole(tx, own, batch, *args)

    monkeypatch.setattr(recording.events, "store_in", failing)
    for _ in range(3):
        tell("profile.viewed", ip="192.0.2.1")
    tell("profile.viewed", ip="192.0.2.66")
    drain(consumer)
    (letter,) = dead(stream)
    assert letter.reason == "An error of ours (KeyError); the log of the worker says more."
    assert count(stores) == 3
    # Alone it may be that nothing works; so it is tried some times before it is given up.
    tell("profile.viewed", ip="192.0.2.66")
    consumer.turn()
    assert unsettled(stream) == 1
    monkeypatch.undo()
    drain(consumer)
    assert len(dead(stream)) == 1
    assert count(stores) == 4


def test_without_the_database_nothing_is_acknowledged(stores: Stores, stream: Stream, tell: Tell) -> None:
    away = Stores(Database(NOWHERE), stores.redis, stores.keys)
    waiting = Consumer(away, stream, "waiting", idle=0)
    tell("profile.viewed", **VIEW)
    tell("gift.purchased", **GIFT)
    for _ in range(3):
        assert waiting.turn() > 0
    assert unsettled(stream) == 2
    assert dead(stream) == []
    assert [each.deliveries for each in stream.pending(10)] == [1, 1]
    waiting.stores = stores
    drain(waiting)
    assert (count(stores), count(stores, transactions)) == (1, 1)


def test_a_profile_that_somebody_else_writes_waits_and_the_others_do_not(
    database_url: str, stores: Stores, stream: Stream, tell: Tell, anna: Profile, yuki: Profile
) -> None:
    hasty = Stores(Database(database_url, patience=0.05), stores.redis, stores.keys)
    consumer = Consumer(hasty, stream, "first", idle=0)
    with stores.database.transaction() as tx:
        tx.lock_profile(anna.profile_id)
        tell("profile.viewed", **VIEW)
        stream.publish([json.dumps(event(yuki, "profile.viewed", **VIEW))])
        consumer.turn()
        consumer.turn()
        assert unsettled(stream) == 1
        assert count(stores) == 1
    drain(consumer)
    hasty.close()
    assert count(stores) == 2
    assert dead(stream) == []


def test_a_stream_that_was_lost_is_begun_again(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    tell("profile.viewed", **VIEW)
    drain(consumer)
    stream.redis.flushall()
    tell("profile.viewed", **VIEW)
    drain_after_loss = [consumer.turn() for _ in range(3)]
    assert drain_after_loss[0] > 0
    drain(consumer)
    assert count(stores) == 2


@pytest.fixture
def workers(stores: Stores) -> Iterator[Signal]:
    """Two workers that run until the signal is set."""
    stopping = Signal()
    threads = [
        Thread(target=consume, args=(stores, stopping), kwargs={"name": name, "idle": 60, "grace": 0})
        for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    yield stopping
    stopping.set()
    for thread in threads:
        thread.join(30)


def test_two_workers_share(
    stores: Stores, stream: Stream, anna: Profile, yuki: Profile, workers: Signal
) -> None:
    told = [
        json.dumps(event(profile, kind, **data))
        for _ in range(150)
        for profile in (anna, yuki)
        for kind, data in (("profile.viewed", VIEW), ("gift.purchased", GIFT))
    ]
    for start in range(0, len(told), 20):
        stream.publish(told[start : start + 20] * 2)
    deadline = now() + timedelta(seconds=60)
    while not stream.redis.exists(stream.name) or unsettled(stream):
        assert now() < deadline
    assert (count(stores), count(stores, transactions)) == (300, 300)
    assert verified(stores, anna)
    assert verified(stores, yuki)
    assert dead(stream) == []
    assert len(stream.redis.xinfo_consumers(stream.name, GROUP)) == 2


def test_a_worker_that_stops_leaves_the_group(stores: Stores, stream: Stream) -> None:
    stopping = Signal()
    thread = Thread(target=consume, args=(stores, stopping), kwargs={"name": "brief"})
    thread.start()
    while not stream.redis.exists(stream.name) or not stream.redis.xinfo_consumers(stream.name, GROUP):
        pass
    stopping.set()
    thread.join(30)
    assert stream.redis.xinfo_consumers(stream.name, GROUP) == []


def test_what_every_group_has_read_goes_in_time(
    stores: Stores, consumer: Consumer, stream: Stream, tell: Tell
) -> None:
    stream.join()
    stream.redis.xgroup_create(stream.name, "another", id="0")
    for _ in range(3):
        tell("profile.viewed", **VIEW)
    stream.publish(["poison"])
    consumer.turn()
    later = now() + timedelta(hours=2)
    stream.trim(later)
    assert stream.redis.xlen(stream.name) == 4  # the other group has not read them
    read = stream.redis.xreadgroup("another", "it", {stream.name: ">"})[0][1]
    stream.redis.xack(stream.name, "another", read[0][0])
    stream.trim(later)
    assert stream.redis.xlen(stream.name) == 3
    stream.redis.xack(stream.name, "another", *(entry[0] for entry in read))
    stream.trim(now())
    assert stream.redis.xlen(stream.name) == 3  # young ones stay for who reads without a group
    stream.trim(later)
    assert stream.redis.xlen(stream.name) == 1
    assert len(dead(stream)) == 1
    stream.trim(now() + timedelta(days=31))
    assert dead(stream) == []


def test_a_message_without_its_time_or_id_is_named(stream: Stream, consumer: Consumer, anna: Profile) -> None:
    told = event(anna, "profile.viewed")
    del told["id"], told["occurredAt"]
    stream.publish([json.dumps(told)])
    drain(consumer)
    (letter,) = dead(stream)
    assert letter.reason == "This field is missing. (/id) This field is missing. (/occurredAt)"
    assert (letter.deliveries, letter.original) == (1, stream.redis.xrange(stream.name)[0][0])


def test_what_can_not_be_read_raises() -> None:
    from services.domain_events.envelope import read

    with pytest.raises(InvalidInput):
        read("{}", now(), now())


def test_what_two_give_up_has_one_letter(stream: Stream) -> None:
    """The first was only slow, when the second took over what it held."""
    stream.join()
    stream.publish(["no json"])
    (slow,) = stream.read("slow", 10, 0)
    (taken,) = stream.claim("other", stream.pending(10))
    for message in (taken, slow):
        stream.settle([], {message.id: letter_of(message, "It is no JSON.", now())}, {}, now())
    assert [each.deliveries for each in dead(stream)] == [2]
    assert unsettled(stream) == 0


def test_a_view_of_a_closed_month_is_a_dead_letter(
    stores: Stores, consumer: Consumer, tell: Tell, anna: Profile
) -> None:
    tell("profile.viewed", at=datetime(2020, 5, 5, tzinfo=UTC), **VIEW)
    drain(consumer)
    later = now() + timedelta(days=366)
    close_months(stores, anna.profile_id, later, timedelta(days=365), Signal())
    key = tell("profile.viewed", at=datetime(2020, 5, 20, tzinfo=UTC), **VIEW)
    tell("profile.viewed", at=now(), **VIEW)
    drain(consumer)
    (letter,) = dead(consumer.stream)
    assert key in letter.text
    assert letter.reason.startswith("May 2020 is closed: its events were dropped after their time")
    assert count(stores) == 1
    assert verified(stores, anna)
