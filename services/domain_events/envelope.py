"""Domain events on the wire, checked: `read` turns the text of a message into what it means.

Fields that are not known here are passed over, so that the platform may add some at any time.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from models.errors import InvalidInput, Problem
from services.ingest.inputs import (
    Amount,
    Clean,
    Country,
    Currency,
    Instant,
    Short,
    Split,
    checked_address,
    storable,
)

LONGEST = 64 * 1024
"""Characters of an event that is looked at; one of the platform's has a few hundred."""

TYPES = (
    "profile.viewed",
    "gift.purchased",
    "booking.completed",
    "subscription.charged",
    "transaction.refunded",
)

_INTERVALS = {
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
}
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_WORDS = {
    "missing": "This field is missing.",
    "model_type": "It must be an object.",
    "dict_type": "It must be an object.",
    "union_tag_not_found": "An event needs its type.",
    "union_tag_invalid": f"There is no such type; give one of {', '.join(TYPES)}.",
    "string_unicode": "It is no text in UTF-8.",
}
"""Plainer words than pydantic's, by the type of its finding."""


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _interval(value: Any) -> Any:
    """ "Monthly" says what "month" does."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    return _INTERVALS.get(word.replace("annually", "annual"), word.removesuffix("s"))


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("It must be more than 0.")
    return value


def _storable_inside(value: dict[str, Any]) -> dict[str, Any]:
    """What can be stored one level deeper than it stands."""
    storable({"": value})
    return value


T = TypeVar("T")
Maybe = Annotated[T | None, BeforeValidator(_blank_is_none)]
"""Something that may be left out; an empty text leaves it out too."""
Paid = Annotated[Amount, Field(ge=0)]


class _Data(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    profile_id: UUID


class View(_Data):
    """Somebody looked at a profile. `ip` is the visitor's, as the platform saw it."""

    ip: Maybe[Annotated[str, AfterValidator(checked_address)]] = None
    user_agent: Maybe[Annotated[Clean, StringConstraints(max_length=2000)]] = None
    referrer: Maybe[Annotated[Clean, StringConstraints(max_length=4000)]] = None
    url: Maybe[Annotated[Clean, StringConstraints(max_length=4000)]] = None
    visitor_id: Maybe[Short] = None
    duration_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    country: Maybe[Country] = None
    is_owner: bool = False


class Gift(_Data):
    """Somebody gave a gift; a `donor` may be described further, by the country above all."""

    gift_id: Short
    gift_name: Maybe[Short] = None
    category: Maybe[Short] = None
    amount: Paid
    currency: Currency
    donor_id: Maybe[Short] = None
    donor: Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_storable_inside)] | None = None

    @property
    def country(self) -> str | None:
        """The donor's, where it is given as a code of two letters."""
        told = (self.donor or {}).get("country")
        return told.strip() if isinstance(told, str) and _COUNTRY.fullmatch(told.strip()) else None


class Booking(_Data):
    """A booking took place. `amount` is the whole of it, also where a partner has a share in it."""

    booking_id: Short
    amount: Paid
    currency: Currency
    client_id: Maybe[Short] = None
    partner_id: Maybe[Short] = None
    split: Split | None = None

    @model_validator(mode="after")
    def _shared_with_somebody(self) -> "Booking":
        if self.split is not None and self.partner_id is None:
            raise ValueError("A split needs the partnerId that it is shared with.")
        return self


class Charge(_Data):
    """A subscriber was charged for one interval."""

    subscription_id: Short
    subscriber_id: Short
    amount: Paid
    currency: Currency
    interval: Annotated[
        Literal["week", "month", "quarter", "year"] | None,
        BeforeValidator(_interval),
        BeforeValidator(_blank_is_none),
    ] = None


class Refund(_Data):
    """A sale was given back, as a whole or `amount` of it. `id` is that of the event that told the sale."""

    id: Maybe[UUID] = None
    gift_id: Maybe[Short] = None
    booking_id: Maybe[Short] = None
    subscription_id: Maybe[Short] = None
    amount: Annotated[Amount, AfterValidator(_positive)] | None = None
    currency: Maybe[Currency] = None

    @model_validator(mode="after")
    def _of_something(self) -> "Refund":
        if not (self.id or self.gift_id or self.booking_id or self.subscription_id):
            raise ValueError("A refund names its sale: by id, giftId or bookingId.")
        return self


class _Envelope(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    id: UUID
    occurred_at: Instant


class Viewed(_Envelope):
    type: Literal["profile.viewed"]
    data: View


class GiftPurchased(_Envelope):
    type: Literal["gift.purchased"]
    data: Gift


class BookingCompleted(_Envelope):
    type: Literal["booking.completed"]
    data: Booking


class SubscriptionCharged(_Envelope):
    type: Literal["subscription.charged"]
    data: Charge


class Refunded(_Envelope):
    type: Literal["transaction.refunded"]
    data: Refund


Sale = GiftPurchased | BookingCompleted | SubscriptionCharged
DomainEvent = Viewed | Sale | Refunded
_reader: TypeAdapter[DomainEvent] = TypeAdapter(Annotated[DomainEvent, Field(discriminator="type")])


def read(text: str, earliest: datetime, latest: datetime) -> DomainEvent:
    """The event that `text` is the JSON of. Raises InvalidInput that says what is wrong and where; a time
    before `earliest` or after `latest` is wrong too."""
    if len(text) > LONGEST:
        raise InvalidInput.at("", f"An event has at most {LONGEST:,} characters, not {len(text):,}.")
    try:
        event = _reader.validate_json(text)
    except ValidationError as error:
        raise _unreadable(error) from None
    if not earliest <= event.occurred_at <= latest:
        where = "in the future" if event.occurred_at > latest else f"before {earliest.year}"
        raise InvalidInput.at("/occurredAt", f"It lies {where}. (/occurredAt)")
    return event


def _unreadable(error: ValidationError) -> InvalidInput:
    """Pydantic's findings in one sentence for each."""
    problems = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        place = [str(part) for part in found["loc"] if part not in TYPES]
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place)
        message = found["msg"].removeprefix("Value error, ").replace("Invalid JSON", "It is no JSON")
        words = _WORDS.get(found["type"]) or message.rstrip(".") + "."
        problems.append(Problem(pointer, f"{words} ({pointer})" if pointer else words))
    return InvalidInput(" ".join(each.detail for each in problems[:5]), tuple(problems))
