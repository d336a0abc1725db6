"""What arrives, checked: the models that validate are the ones that the API documents.

Each knows its own rules alone; what depends on the profile is checked by the module that stores it.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_address
from math import isfinite
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from models.money import currencies
from models.schema.money import CostCategory, TransactionType

FIRST_YEAR, LAST_YEAR = 1970, 2100
LONGEST_NUMBER = 60
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _no_controls(text: str) -> str:
    if found := _NOT_TEXT.search(text):
        what = "control characters" if found[0] < "\xa0" else "half a surrogate pair"
        raise ValueError(f"It can't hold {what}.")
    return text


def _decimal(value: Any) -> Any:
    """Numbers by their shortest text: 0.1 in JSON means 0.1."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValueError('Give the amount as a decimal number, such as "125.00".')
    try:
        text = str(value).strip()
    except ValueError:  # Python refuses to write whole numbers of thousands of digits
        text = ""
    if not 1 <= len(text) <= LONGEST_NUMBER:
        raise ValueError(f"A number has 1 to {LONGEST_NUMBER} characters.")
    return text


def _currency(code: str) -> str:
    if code not in currencies():
        raise ValueError(f"There is no currency {code}; give an ISO 4217 code such as EUR.")
    return code


def checked_address(text: str) -> str:
    """The IP address in its shortest form; ValueError when it is none."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise ValueError(f"{text[:60]!r} is not an IP address.") from None
    if getattr(address, "scope_id", None):
        raise ValueError("An address with a zone means something on one machine alone.")
    return str(getattr(address, "ipv4_mapped", None) or address)


def _instant(value: Any) -> datetime:
    """ISO 8601 with an offset; a bare number could mean anything."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
    except (AttributeError, ValueError):
        raise ValueError("It is not a time; write it like 2026-03-31T18:00:00+02:00.") from None
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("It needs its offset from UTC, like 2026-03-31T18:00:00+02:00 or ...Z.")
    _check_year(at)
    return at.astimezone(UTC)


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        day = value
    else:
        try:
            day = date.fromisoformat(value.strip())
        except (AttributeError, ValueError):
            raise ValueError("It is not a date; write it like 2026-03-31.") from None
    _check_year(day)
    return day


def _moment(value: Any) -> date:
    if isinstance(value, date):
        return _instant(value) if isinstance(value, datetime) else _day(value)
    return _day(value) if isinstance(value, str) and len(value.strip()) == 10 else _instant(value)


def _check_year(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"It must lie between the years {FIRST_YEAR} and {LAST_YEAR}.")


def storable(value: Any, depth: int = 0) -> Any:
    """What PostgreSQL's jsonb can hold: no NUL, no lone surrogates, not too deep."""
    if depth > 8:
        raise ValueError("It is nested more than eight levels deep.")
    if isinstance(value, str):
        if "\x00" in value or any(0xD800 <= ord(character) < 0xE000 for character in value):
            raise ValueError("It holds characters that can't be stored (NUL or half a surrogate pair).")
        if len(value) > 4000:
            raise ValueError("It holds a text of more than 4,000 characters.")
    elif isinstance(value, dict):
        for key, item in value.items():
            storable(key, depth + 1)
            storable(item, depth + 1)
    elif isinstance(value, list):
        for item in value[:1001]:
            storable(item, depth + 1)
        if len(value) > 1000:
            raise ValueError("It holds a list of more than 1,000 items.")
    elif isinstance(value, float) and not isfinite(value):
        raise ValueError("It holds a number that is not finite.")
    return value


Clean = Annotated[str, AfterValidator(_no_controls)]
_checked = AfterValidator(_no_controls)  # after the constraints: before them, blanks pass for text
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), _checked]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), _checked]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime | date, Field(union_mode="left_to_right"), BeforeValidator(_moment)]
"""An instant, or a bare date, which keeps its day whatever the zone."""
Amount = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(allow_inf_nan=False, json_schema_extra={"examples": ["125.00"]}),
]
Address = Annotated[
    str,
    AfterValidator(checked_address),
    Field(json_schema_extra={"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)]
Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True), AfterValidator(_currency)
]


class Input(BaseModel):
    """camelCase on the wire; an unknown field is a mistake and is named."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Event(Input):
    """Something that happened on a profile."""

    model_config = ConfigDict(extra="ignore")

    id: UUID | None = None
    profile_id: UUID
    event_type: Literal["view", "click", "inquiry", "favorite", "share"]
    timestamp: Instant | None = None
    ip: Address | None = None
    user_agent: Annotated[Clean, StringConstraints(max_length=2000)] | None = None
    referrer: Annotated[Clean, StringConstraints(max_length=4000)] | None = None
    url: Annotated[Clean, StringConstraints(max_length=4000)] | None = None
    target: Short | None = None
    duration_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    visitor_id: Short | None = None
    country: Country | None = None
    is_owner: bool = False

    @model_validator(mode="after")
    def _own_id_own_time(self) -> "Event":
        if self.id is not None and self.timestamp is None:
            raise ValueError(
                "An event with its own id needs its own timestamp too, so that a retry meets it."
            )
        return self

    @property
    def internal_hosts(self) -> frozenset[str]:
        """Hosts that are no source of it, beside the profile's own."""
        return frozenset()


class PageEvent(Event):
    """An event that a page told of itself; `origin` ("https://anna.example") is the page's."""

    origin: str

    @property
    def internal_hosts(self) -> frozenset[str]:
        return frozenset({self.origin})


_SHORT_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
_OFTEN_IN_METADATA = (
    (("counterpartyId", "donorId", "clientId", "subscriberId"), _SHORT_TEXT),
    (("partnerId",), _SHORT_TEXT),
    (("category",), _SHORT_TEXT),
    (("country",), re.compile(r"[A-Za-z]{2}")),
    (("itemId", "giftId", "bookingId", "subscriptionId"), _SHORT_TEXT),
    (("itemName", "giftName", "description"), _SHORT_TEXT),
)


class Split(Input):
    """How a shared booking is divided; the two sum to 1."""

    profile: Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]
    partner: Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]

    @model_validator(mode="after")
    def _whole(self) -> "Split":
        if self.profile + self.partner != 1:
            raise ValueError("The shares of profile and partner must sum to 1.")
        return self


class Transaction(Input):
    """Money earned. `refundedAmount` is what has been given back so far, all parts together."""

    id: UUID | None = None
    profile_id: UUID
    transaction_type: Annotated[
        TransactionType,
        Field(validation_alias=AliasChoices("transactionType", "type", "transaction_type")),
    ]
    amount: Annotated[Amount, Field(ge=0)]
    currency: Currency | None = None
    status: Literal["pending", "completed", "refunded"] = "completed"
    transaction_date: Annotated[
        Moment | None, Field(validation_alias=AliasChoices("transactionDate", "date", "transaction_date"))
    ] = None
    refunded_amount: Annotated[Amount, Field(ge=0)] | None = None
    refunded_at: Moment | None = None
    split: Split | None = None
    partner_id: Short | None = None
    counterparty_id: Annotated[
        Short | None,
        Field(
            validation_alias=AliasChoices(
                "counterpartyId", "donorId", "clientId", "subscriberId", "counterparty_id"
            )
        ),
    ] = None
    country: Country | None = None
    item_id: Annotated[
        Short | None,
        Field(validation_alias=AliasChoices("itemId", "giftId", "bookingId", "subscriptionId", "item_id")),
    ] = None
    item_name: Annotated[
        Short | None, Field(validation_alias=AliasChoices("itemName", "giftName", "description", "item_name"))
    ] = None
    category: Short | None = None
    external_id: Short | None = None
    interval: Literal["week", "month", "quarter", "year"] | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(storable), Field(max_length=50)] = {}

    @model_validator(mode="before")
    @classmethod
    def _lift_metadata(cls, data: Any) -> Any:
        """What platforms keep in `metadata` (donorId, category, ...) is read from there, where it is not
        given by itself and looks like what is meant."""
        if not isinstance(data, dict) or not isinstance(data.get("metadata"), dict):
            return data
        lifted: dict[str, str] = {}
        for names, fits in _OFTEN_IN_METADATA:
            told = [text for name in names if isinstance(text := data["metadata"].get(name), str)]
            if told and not data.keys() & set(names) and fits.fullmatch(told[0].strip()):
                lifted[names[0]] = told[0]
        return {**lifted, **data}

    @model_validator(mode="after")
    def _consistent(self) -> "Transaction":
        if self.refunded_amount is not None and self.refunded_amount > self.amount:
            raise ValueError("No more can be refunded than was paid.")
        if self.refunded_amount and self.status == "pending":
            raise ValueError("A pending transaction can't have been refunded.")
        if self.split is not None and self.partner_id is None:
            raise ValueError("A split needs the partnerId that it is shared with.")
        return self


class Cost(Input):
    """Money spent; `amount` is positive."""

    id: UUID | None = None
    profile_id: UUID
    category: CostCategory
    description: Line
    channel: Short | None = None
    amount: Annotated[Amount, Field(ge=0)]
    currency: Currency | None = None
    expense_date: Annotated[Day, Field(validation_alias=AliasChoices("expenseDate", "date", "expense_date"))]
