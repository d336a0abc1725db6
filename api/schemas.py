"""What the answers look like, for the documentation: figures take type and words from their metric, so
that they are described where they are defined. The tests hold every answer against these."""

from collections.abc import Iterable
from types import GenericAlias
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model
from pydantic.alias_generators import to_camel

from models.schema.money import CostCategory, TransactionType
from services.metrics import METRICS, pricing, subscriptions
from services.metrics.costs import CATEGORY_METRICS
from services.metrics.marketing import CHANNEL_METRICS
from services.metrics.metric import Metric, Unit
from services.metrics.revenue import SOURCES
from services.metrics.statement import Row
from services.transactions import MovementKind

Decimals = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["125.00"])]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-03-31"])]
Cursor = Annotated[str | None, Field(description="Where the next page begins; null on the last one")]
_TYPES: dict[Unit, Any] = {
    Unit.COUNT: int | None,
    Unit.RATIO: float | None,
    Unit.SECONDS: float | None,
    Unit.NUMBER: float | None,
    Unit.MONEY: Decimals | None,
}


class Shape(BaseModel):
    """camelCase on the wire, and nothing that is not described."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def listed(model: Any) -> Any:
    """A list of `model`."""
    return GenericAlias(list, (model,))


def figure(key: str) -> tuple[Any, str]:
    """Type and words of the metric with this key."""
    return described(METRICS[key])


def described(metric: Metric) -> tuple[Any, str]:
    """Type and words of this metric."""
    return _TYPES[metric.unit], metric.sentence


def with_figures(name: str, parent: type[Shape], keys: Iterable[str], **more: Any) -> Any:
    """The model `name`: `parent` with a field for each of these metrics, and `more` fields, which are
    types or what `figure` returns."""
    given = {**{key: figure(key) for key in keys}, **more}
    fields: dict[str, Any] = {}
    for field, kind in given.items():
        of, words = kind if isinstance(kind, tuple) else (kind, None)
        fields[field] = (of, Field(alias=field, description=words))
    return create_model(name, __base__=parent, **fields)


class Period(Shape):
    """Inclusive local days, or instants for the last 24 hours."""

    from_: str = Field(alias="from")
    to: str
    timezone: str


class Answer(Shape):
    """What every answer about a profile carries."""

    profile_id: UUID
    period: Period
    as_of: AwareDatetime


class MoneyAnswer(Answer):
    """An answer with amounts, all of them in `currency`."""

    currency: str


class Compared(Shape):
    """The same over the period that it is compared with."""

    period: Period


class Bucket(Shape):
    """One step. `clipped`: the range cuts it; `running`: it is not over yet."""

    start: AwareDatetime
    clipped: bool
    running: bool


BySource = with_figures("BySource", Shape, SOURCES)
ByCategory = with_figures(
    "ByCategory", Shape, (), **{to: figure(key) for to, key in CATEGORY_METRICS.items()}
)


Subscribers = with_figures(
    "Subscribers", Shape, (), **{to: figure(key) for to, key in subscriptions.NAMES.items()}
)
Pricing = with_figures("Pricing", Shape, (metric.key for metric in pricing.METRICS))


class _Channel(Shape):
    """What one channel cost and whom it brought; null are costs that name no channel."""

    channel: str | None


Channel = with_figures(
    "Channel",
    _Channel,
    (),
    **{"cost" if one.key == "marketing" else one.key: described(one) for one in CHANNEL_METRICS},
)


class CostShape(Shape):
    """One cost. `reportingAmount` is in the profile's currency, null when there is no rate."""

    id: UUID
    profile_id: UUID
    category: CostCategory
    description: str
    channel: str | None
    amount: Decimals
    currency: str
    reporting_amount: Decimals | None
    expense_date: Day
    created_at: AwareDatetime
    updated_at: AwareDatetime
    etag: str


class CostPage(Answer):
    """A page of costs, from the newest day on."""

    costs: list[CostShape]
    next_cursor: Cursor


class Category(Shape):
    """The gifts of one category; null where none was given. `change`: by how much its revenue differs
    from the compared period's, relative to that (0.12 = 12 % more); null without a base to compare with."""

    category: str | None
    revenue: Decimals
    count: int
    share: float | None
    change: float | None


class Categories(MoneyAnswer):
    """Every category of gifts, the one that brought most first."""

    categories: list[Category]


class Donor(Shape):
    """What one person gave in the period."""

    donor_id: str
    total: Decimals
    gifts: int
    first_gift: Day
    last_gift: Day


class DonorGroup(Shape):
    """How many donors have something in common, and what they gave; null where that is not shown."""

    donors: int | None
    revenue: Decimals | None


class DonorCountry(DonorGroup):
    """The donors of one country."""

    country: str | None = Field(
        description="ISO 3166 code; null where it is not known, `other` for the countries with fewer than "
        "5 donors together"
    )


class DonorBand(DonorGroup):
    """The donors who gave from `from` up to and without `to` in the period; `to` is null in the last."""

    from_: Decimals = Field(alias="from")
    to: Decimals | None


class Demographics(Shape):
    """The donors of the period in groups. No group of fewer than 5 is shown: it is null, and so is the
    next smallest where it could be worked out from the total otherwise. No donors are 0."""

    new: int | None = Field(description="Gave for the first time ever")
    returning: int | None = Field(description="Had given before the period")
    lapsed: int | None = Field(
        description="Gave in the equal period before and not in this one; null as well when there is none"
    )
    countries: list[DonorCountry]
    bands: list[DonorBand]
    top_ten_share: float | None = Field(description="Share of what all donors gave that the ten largest gave")


class DonorPage(MoneyAnswer):
    """A page of donors, the one who gave most first, and what kind of people all of them are."""

    donors: list[Donor]
    demographics: Demographics
    next_cursor: Cursor


class Step(Shape):
    """One step of the gift funnel. `visitors` are different people, null where they are not told apart;
    `onward` is the share of them (0-1) that the next step has, null at the last step, without people, and
    where the next step has more."""

    step: str
    label: str
    visitors: int | None
    count: int
    onward: float | None


class Column(Bucket):
    """One column of the statement, with its first and last local day."""

    from_: Day = Field(alias="from")
    to: Day


class Line(Shape):
    """One line of the statement. `less`: it is taken off in the sum below; its figures are positive all
    the same. Values are decimal strings, or numbers when the unit is `ratio`."""

    key: str
    label: str
    row: Row
    less: bool
    unit: Literal[Unit.MONEY, Unit.RATIO]
    values: list[Decimals | float | None]
    total: Decimals | float | None
    before: Decimals | float | None


class Rate(Shape):
    """The exchange rates behind the amounts of one currency: the lowest and the highest price of one
    unit of it in the profile's currency, and when they were published."""

    currency: str
    low: Decimals
    high: Decimals
    from_: Day = Field(alias="from")
    to: Day
    rows: int


class Unconverted(Shape):
    """Amounts that are in no sum, because there is no rate for them."""

    what: Literal["transactions", "transaction_refunds", "cost_entries"]
    currency: str
    amount: Decimals
    rows: int


class Stored(Shape):
    """What became of the events; `ids` in the order in which they were sent."""

    ids: list[UUID]
    stored: int
    duplicates: int


class Movement(Shape):
    """A sale on its day, or a refund on the day it was given back. `amount` is the whole sale or what was
    given back of it, in `currency`; `reportingAmount` is the profile's share of that in its own currency, and
    `reportingPartner` the partner's, both null when there is no rate. All amounts are positive."""

    id: UUID
    kind: MovementKind
    refund: bool
    source: TransactionType
    status: Literal["pending", "completed", "refunded"]
    date: Day
    timestamp: AwareDatetime | None = Field(description="Null when only the day is known")
    amount: Decimals
    currency: str
    reporting_amount: Decimals | None
    reporting_partner: Decimals | None
    refunded_amount: Decimals = Field(description="What has been given back of the sale so far")
    item_id: str | None
    item_name: str | None
    category: str | None
    counterparty_id: str | None
    country: str | None
    partner_id: str | None
    external_id: str | None
    by_hand: bool = Field(description="Entered by hand on the page, and deletable there")


class MovementPage(MoneyAnswer):
    """A page of what moved in the period, from the newest on; `currency` is that of the reporting amounts."""

    transactions: list[Movement]
    next_cursor: Cursor


class Recorded(Shape):
    """What became of a transaction."""

    id: UUID
    profile_id: UUID
    outcome: Literal["created", "moved", "unchanged"]


class ChangeShape(Shape):
    """A change of zone or currency, for which everything is counted again: `done` of `total` rows are
    through. `failed` and `cancelled`: the profile is as it was; `problem` says why it failed."""

    status: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    timezone: str
    currency: str
    problem: str | None
    started_at: AwareDatetime
    finished_at: AwareDatetime | None


class ProfileShape(Shape):
    """A profile; `publicKey` is what the tracker names it by."""

    id: UUID
    name: str
    timezone: str
    currency: str
    hosts: list[str]
    public_key: str
    change: ChangeShape | None


class ProblemItem(Shape):
    """One thing that is wrong: a JSON pointer into the body, or the name of a parameter or header."""

    pointer: str
    detail: str


class Problem(Shape):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemItem] | None = None
