"""What arrives and can't be taken: each gets a sentence that says why."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.ingest.inputs import Cost, Event, Transaction

PROFILE = "0198c1f0-0000-7000-8000-000000000001"
EVENT = {"profileId": PROFILE, "eventType": "view"}
TRANSACTION = {"profileId": PROFILE, "type": "gift", "amount": "10.00"}
COST = {"profileId": PROFILE, "category": "tools", "description": "A lamp", "amount": 5, "date": "2026-03-31"}


def refused(model: type, fields: dict[str, Any]) -> str:
    """The sentences of a refusal."""
    with pytest.raises(ValidationError) as error:
        model.model_validate(fields)
    return "; ".join(item["msg"] for item in error.value.errors())


def test_an_own_id_needs_an_own_time() -> None:
    assert "needs its own timestamp" in refused(Event, EVENT | {"id": PROFILE})
    Event.model_validate(EVENT | {"id": PROFILE, "timestamp": "2026-03-31T18:00:00Z"})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"timestamp": "2026-03-31T18:00:00"}, "offset from UTC"),
        ({"timestamp": "yesterday"}, "not a time"),
        ({"timestamp": 1_774_980_000}, "not a time"),
        ({"timestamp": "1969-12-31T23:00:00Z"}, "between the years 1970 and 2100"),
        ({"timestamp": "9999-12-31T23:59:59-10:00"}, "between the years 1970 and 2100"),
        ({"ip": "300.1.2.3"}, "not an IP address"),
        ({"userAgent": "a\x00b"}, "control characters"),
        ({"referrer": "a\ud800b"}, "surrogate"),
        ({"userAgent": "\udfff"}, "surrogate"),
        ({"url": "x" * 4001}, "at most 4000"),
        ({"durationSeconds": -1}, "greater than or equal to 0"),
        ({"durationSeconds": 90_000}, "less than or equal to 86400"),
        ({"durationSeconds": "nan"}, "finite"),
        ({"country": "Germany"}, "match"),
        ({"eventType": "look"}, "'view'"),
        ({"profileId": "anna"}, "UUID"),
        ({"visitorId": "   "}, "at least 1"),
    ],
)
def test_events_that_can_not_be(fields: dict[str, Any], says: str) -> None:
    assert says in refused(Event, EVENT | fields)


def test_times_are_kept_in_utc_and_addresses_in_their_short_form() -> None:
    event = Event.model_validate(EVENT | {"timestamp": "2026-03-31T18:00:00+02:00", "ip": "::ffff:192.0.2.1"})
    assert event.timestamp == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert event.timestamp.utcoffset() == UTC.utcoffset(None)
    assert event.ip == "192.0.2.1"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": True}, "decimal number"),
        ({"amount": None}, "decimal number"),
        ({"amount": "ten"}, "decimal"),
        ({"amount": "NaN"}, "finite"),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"currency": "EURO"}, "match"),
        ({"refundedAmount": "10.01"}, "No more can be refunded than was paid"),
        ({"refundedAmount": "1", "status": "pending"}, "pending transaction can't have been refunded"),
        ({"split": {"profile": "0.6", "partner": "0.4"}}, "needs the partnerId"),
        ({"partnerId": "p", "split": {"profile": "0.6", "partner": "0.3"}}, "must sum to 1"),
        ({"date": "31.03.2026"}, "not a date"),
        ({"date": "31 March"}, "not a time"),
        ({"date": "2026-02-30"}, "not a date"),
        ({"date": "2026-03-31T18:00"}, "offset from UTC"),
        ({"amuont": "1"}, "Extra inputs"),
        ({"metadata": {"note": "a\x00"}}, "can't be stored"),
        ({"metadata": {"note": "\ud800"}}, "can't be stored"),
        ({"metadata": {"n": float("inf")}}, "not finite"),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}}, "eight levels"),
        ({"metadata": {str(number): 1 for number in range(51)}}, "at most 50"),
    ],
)
def test_transactions_that_can_not_be(fields: dict[str, Any], says: str) -> None:
    assert says in refused(Transaction, TRANSACTION | fields)


def test_a_number_means_what_it_shows() -> None:
    assert Transaction.model_validate(TRANSACTION | {"amount": 0.1}).amount == Decimal("0.1")


def test_a_bare_date_stays_a_date() -> None:
    assert Transaction.model_validate(TRANSACTION | {"date": "2026-03-31"}).transaction_date == date(
        2026, 3, 31
    )
    instant = Transaction.model_validate(TRANSACTION | {"date": "2026-03-31T00:00:00Z"}).transaction_date
    assert instant == datetime(2026, 3, 31, tzinfo=UTC)


def test_what_a_platform_keeps_in_metadata_is_lifted() -> None:
    metadata = {
        "donorId": "d1",
        "category": "roses",
        "country": "de",
        "giftId": "g1",
        "giftName": "Rose",
        "x": 1,
    }
    gift = Transaction.model_validate(TRANSACTION | {"metadata": metadata, "category": "own"})
    assert (gift.counterparty_id, gift.country, gift.item_id, gift.item_name) == ("d1", "DE", "g1", "Rose")
    assert gift.category == "own"
    assert gift.metadata == metadata


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": "-5"}, "greater than or equal to 0"),
        ({"category": "food"}, "'marketing'"),
        ({"description": ""}, "at least 1"),
        ({"description": "x" * 501}, "at most 500"),
        ({"date": "2026-13-01"}, "not a date"),
        ({"date": "0001-01-01"}, "between the years 1970 and 2100"),
        ({"date": 20260331}, "not a date"),
    ],
)
def test_costs_that_can_not_be(fields: dict[str, Any], says: str) -> None:
    assert says in refused(Cost, COST | fields)


def test_names_in_python_and_on_the_wire() -> None:
    cost = Cost.model_validate(COST)
    assert cost.profile_id == UUID(PROFILE)
    assert Cost.model_validate(cost.model_dump()) == cost
