"""What should be stored, kept in plain Python from the inputs alone: no SQL, no code of the product's.

The laws compare the product's answers with it, so that a statement which is wrong in the rollups and
wrong in the same way in their verification is found all the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

DECIMALS = {"EUR": 2, "USD": 2, "INR": 2, "JPY": 0, "KWD": 3, "AUD": 2}
Tally = dict[str, Any]


class RejectedError(Exception):
    """The product has to refuse this step, and to leave everything as it was."""


@dataclass(frozen=True)
class Visit:
    """An event as it is sent. `source` is what its referrer has to be called."""

    id: UUID
    at: datetime
    kind: str
    who: str
    bot: bool
    owner: bool
    referrer: str | None
    source: str | None
    country: str | None
    target: str | None
    seconds: int | None


@dataclass(frozen=True)
class Order:
    """A transaction as it is sent; `at` is an instant, or a date alone."""

    id: UUID
    kind: str
    amount: Decimal
    currency: str
    status: str
    at: datetime | date
    refunded: Decimal | None
    refunded_at: datetime | date | None
    category: str | None
    donor: str | None
    partner_share: Decimal | None


@dataclass
class Part:
    amount: Decimal
    day: date
    at: datetime
    import_id: UUID | None
    reference: str | None = None


@dataclass
class Sale:
    order: Order
    amount: Decimal
    status: str
    day: date
    at: datetime
    import_id: UUID | None
    rate: Fraction | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def refunded(self) -> Decimal:
        return sum((part.amount for part in self.parts), Decimal(0))


@dataclass(frozen=True)
class Spending:
    """A cost as it is sent."""

    id: UUID
    category: str
    amount: Decimal
    currency: str
    day: date


def half_even(amount: Fraction, currency: str) -> Fraction:
    """To the currency's minor unit; Python's `round` of a fraction is half-even."""
    scale = 10 ** DECIMALS[currency]
    return Fraction(round(amount * scale), scale)


@dataclass
class Recount:
    """Everything that a profile should hold."""

    zone: str
    currency: str
    now: datetime
    rates: dict[tuple[str, date], Fraction] = field(default_factory=dict)
    visits: dict[tuple[datetime, UUID], tuple[Visit, UUID | None]] = field(default_factory=dict)
    sales: dict[UUID, Sale] = field(default_factory=dict)
    spendings: dict[UUID, tuple[Spending, UUID | None, Fraction | None]] = field(default_factory=dict)

    def attempt(self, step: Callable[["Recount"], None]) -> "Recount | None":
        """How it looks after the step; None when the step has to be refused."""
        after = deepcopy(self)
        try:
            step(after)
        except RejectedError:
            return None
        return after

    def visited(self, batch: Iterable[Visit], import_id: UUID | None) -> None:
        for visit in batch:
            key = (visit.at, visit.id)
            known, origin = self.visits.get(key, (None, None))
            if known is None:
                self.visits[key] = (visit, import_id)
            elif visit.seconds is not None and visit.seconds > (
                -1 if known.seconds is None else known.seconds
            ):
                self.visits[key] = (
                    Visit(**{**known.__dict__, "seconds": visit.seconds}),
                    origin,
                )

    def ordered(self, batch: Iterable[Order], import_id: UUID | None) -> None:
        rank = {"pending": 0, "completed": 1, "refunded": 2}
        touched: dict[UUID, Sale | None] = {}
        for order in batch:
            sale = self.sales.get(order.id)
            before = deepcopy(sale)
            if sale is None:
                day, at = self._moment(order.at)
                status = "pending" if order.status == "pending" else "completed"
                sale = Sale(order, order.amount, status, day, at, import_id)
                self.sales[order.id] = sale
                refunded_on = (day, at) if order.refunded_at is None else self._moment(order.refunded_at)
            else:
                if (order.kind, order.currency) != (sale.order.kind, sale.order.currency):
                    raise RejectedError
                if rank[order.status] < rank[sale.status]:
                    continue
                if sale.status == "pending" and order.status != "pending":
                    sale.status, sale.amount = "completed", order.amount
                    sale.day, sale.at = self._moment(order.at)
                elif order.amount != sale.amount:
                    raise RejectedError
                refunded_on = self._moment(order.refunded_at)
            if order.status == "refunded" or order.refunded:
                total = sale.amount if order.refunded is None else order.refunded
                sale.status = "refunded"
                if total > sale.refunded:
                    sale.parts.append(Part(total - sale.refunded, *refunded_on, import_id))
            if before != sale:
                touched.setdefault(order.id, before)
        for key, before in touched.items():
            self._priced(self.sales[key], before)

    def refunded(
        self, key: UUID, amount: Decimal | None, at: datetime | date, reference: str, import_id: UUID | None
    ) -> None:
        sale = self.sales.get(key)
        if sale is None:
            raise RejectedError
        if any(part.reference == reference for part in sale.parts):
            return
        left = sale.amount - sale.refunded
        part = left if amount is None else amount
        if sale.status == "pending" or not 0 < part <= left:
            raise RejectedError
        before = deepcopy(sale)
        sale.status = "refunded"
        sale.parts.append(Part(part, *self._moment(at), import_id, reference))
        self._priced(sale, before)

    def spent(self, batch: Iterable[Spending], import_id: UUID | None) -> None:
        for spending in batch:
            self.spendings.setdefault(
                spending.id, (spending, import_id, self._rate(spending.currency, spending.day))
            )

    def undone(self, import_id: UUID) -> None:
        self.visits = {key: kept for key, kept in self.visits.items() if kept[1] != import_id}
        self.spendings = {key: kept for key, kept in self.spendings.items() if kept[1] != import_id}
        self.sales = {key: sale for key, sale in self.sales.items() if sale.import_id != import_id}
        for sale in self.sales.values():
            kept = [part for part in sale.parts if part.import_id != import_id]
            if len(kept) < len(sale.parts):
                sale.parts = kept
                sale.status = "refunded" if kept else "completed"

    def rates_came(self, rates: dict[tuple[str, date], Fraction]) -> None:
        """New rates, after which what had none is converted; what had one keeps it."""
        self.rates |= rates
        for sale in self.sales.values():
            if sale.rate is None:
                sale.rate = self._rate(sale.order.currency, sale.day)
                if sale.rate is not None and sale.status != "pending" and sale.amount:
                    sale.status = "refunded" if sale.parts else "completed"
        for key, (spending, origin, rate) in self.spendings.items():
            if rate is None:
                self.spendings[key] = (spending, origin, self._rate(spending.currency, spending.day))

    def local(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _moment(self, at: datetime | date | None) -> tuple[date, datetime]:
        if at is None:
            return self.local(self.now), self.now
        if isinstance(at, datetime):
            return self.local(at), at
        midnight = datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(self.zone))
        return at, midnight.astimezone(UTC)

    def _priced(self, sale: Sale, before: Sale | None) -> None:
        settled = before is not None and before.status != "pending" and (before.rate or before.parts)
        if not settled:
            sale.rate = self._rate(sale.order.currency, sale.day)

    def _rate(self, currency: str, day: date) -> Fraction | None:
        if currency == self.currency:
            return Fraction(1)
        of, to = self._per_euro(currency, day), self._per_euro(self.currency, day)
        return None if of is None or to is None else to / of

    def _per_euro(self, currency: str, day: date) -> Fraction | None:
        if currency == "EUR":
            return Fraction(1)
        for back in range(11):
            found = self.rates.get((currency, day - timedelta(days=back)))
            if found is not None:
                return found
        return None

    def movements(self) -> Iterable[tuple[datetime, date, str, Fraction]]:
        """(at, local day, metric, amount or count) of everything that is in a sum."""
        for visit, _ in self.visits.values():
            day = self.local(visit.at)
            for metric in _counted(visit):
                yield visit.at, day, metric, Fraction(1)
            if visit.kind == "view" and visit.seconds is not None and not visit.bot and not visit.owner:
                yield visit.at, day, "visibleTime", Fraction(visit.seconds * 1000)
                yield visit.at, day, "timedViews", Fraction(1)
        for sale in self.sales.values():
            yield from self._of_sale(sale)
        for spending, _, rate in self.spendings.values():
            if rate is None:
                continue
            amount = half_even(Fraction(spending.amount) * rate, self.currency)
            day, at = self._moment(spending.day)
            yield at, day, "costs", amount
            yield at, day, _COST_METRICS[spending.category], amount

    def _of_sale(self, sale: Sale) -> Iterable[tuple[datetime, date, str, Fraction]]:
        if sale.rate is None:
            return
        own, partner = self.shares(sale)
        if sale.status == "pending":
            yield sale.at, sale.day, "pending", own
            return
        yield sale.at, sale.day, "gross", own
        yield sale.at, sale.day, _SOURCE_METRICS[sale.order.kind], own
        yield sale.at, sale.day, "sales", Fraction(1)
        yield sale.at, sale.day, "partnerShare", partner
        if sale.order.kind == "gift":
            yield sale.at, sale.day, "giftRevenue", own
            yield sale.at, sale.day, "giftCount", Fraction(1)
        gone = Fraction(0)
        for part in sale.parts:
            upto = gone + Fraction(part.amount) / Fraction(sale.amount)
            for metric, whole, sign in (("refunds", own, 1), ("partnerShare", partner, -1)):
                taken = half_even(whole * upto, self.currency) - half_even(whole * gone, self.currency)
                yield part.at, part.day, metric, sign * taken
            gone = upto

    def shares(self, sale: Sale) -> tuple[Fraction, Fraction]:
        """The profile's and the partner's share of a sale, in the reporting currency."""
        assert sale.rate is not None
        amount, share = Fraction(sale.amount), 1 - Fraction(sale.order.partner_share or 0)
        own = half_even(amount * share, sale.order.currency)
        return (
            half_even(own * sale.rate, self.currency),
            half_even((amount - own) * sale.rate, self.currency),
        )

    def figures(self, inside: Callable[[datetime, date], Any]) -> dict[str, dict[Any, Fraction]]:
        """The additive metrics by what `inside` makes of (instant, local day); None leaves it out."""
        sums: dict[str, dict[Any, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for at, day, metric, amount in self.movements():
            bucket = inside(at, day)
            if bucket is not None:
                sums[metric][bucket] += amount
        return sums

    def visitors(self, inside: Callable[[datetime, date], Any]) -> dict[Any, set[str]]:
        """Who viewed, by bucket."""
        seen: dict[Any, set[str]] = defaultdict(set)
        for visit, _ in self.visits.values():
            bucket = inside(visit.at, self.local(visit.at))
            if bucket is not None and "views" in _counted(visit):
                seen[bucket].add(visit.who)
        return seen

    def views_by(self, attribute: str, inside: Callable[[datetime, date], Any]) -> dict[str, int]:
        """Views by referral source or country."""
        views: dict[str, int] = defaultdict(int)
        for visit, _ in self.visits.values():
            value = getattr(visit, attribute)
            inner = inside(visit.at, self.local(visit.at)) is not None
            if value is not None and inner and "views" in _counted(visit):
                views[value] += 1
        return dict(views)

    def funnel(self, inside: Callable[[datetime, date], Any]) -> dict[str, list[str]]:
        """Who clicked what each step of the gift funnel stands for, a name for each click."""
        seen: dict[str, list[str]] = {"catalog": [], "item": [], "checkout": []}
        for visit, _ in self.visits.values():
            step = _step(visit.target)
            inner = inside(visit.at, self.local(visit.at)) is not None
            if step is not None and inner and "clicks" in _counted(visit):
                seen[step].append(visit.who)
        return seen

    def gifts_by_category(self) -> dict[str, tuple[Fraction, int]]:
        """Revenue and number of gifts of all time."""
        found: dict[str, tuple[Fraction, int]] = {}
        for sale in self.sales.values():
            if sale.order.kind == "gift" and sale.status != "pending" and sale.rate is not None:
                revenue, count = found.get(sale.order.category or "", (Fraction(0), 0))
                found[sale.order.category or ""] = (revenue + self.shares(sale)[0], count + 1)
        return found

    def duo(self) -> dict[str, tuple[int, Fraction]]:
        """By currency of the bookings shared: how many are not given back, and what is left of them."""
        found: dict[str, tuple[int, Fraction]] = {}
        for sale in self.sales.values():
            if sale.order.partner_share is not None and sale.status != "pending":
                count, total = found.get(sale.order.currency, (0, Fraction(0)))
                left = sale.amount - sale.refunded
                found[sale.order.currency] = (count + (left > 0), total + Fraction(left))
        return found


_COST_METRICS = {
    "marketing": "marketing",
    "subscriptions": "subscriptionCosts",
    "tools": "tools",
    "platform_fees": "platformFees",
}
_SOURCE_METRICS = {
    "booking": "bookings",
    "gift": "gifts",
    "subscription": "subscriptions",
    "affiliate": "affiliate",
}
_EVENT_METRICS = {
    "view": "views",
    "click": "clicks",
    "inquiry": "inquiries",
    "favorite": "favorites",
    "share": "shares",
}
ADDITIVE = (
    *_EVENT_METRICS.values(),
    "botHits",
    "ownerHits",
    "visibleTime",
    "timedViews",
    "gross",
    "refunds",
    "pending",
    "partnerShare",
    "sales",
    "giftRevenue",
    "giftCount",
    *_SOURCE_METRICS.values(),
    "costs",
    *_COST_METRICS.values(),
)


def _step(target: str | None) -> str | None:
    if target is not None and target.startswith("gift:"):
        return "item"
    return {"gift-catalog": "catalog", "gift-checkout": "checkout"}.get(target or "")


def _counted(visit: Visit) -> tuple[str, ...]:
    if visit.bot:
        return ("botHits",) if visit.kind == "view" else ()
    if visit.owner:
        return ("ownerHits",) if visit.kind == "view" else ()
    return (_EVENT_METRICS[visit.kind],)
