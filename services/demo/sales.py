"""What the providers of the demo earn: bookings out of inquiries, gifts out of checkouts,
subscriptions month by month, and affiliate payments."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from math import log
from typing import Any

from models.ids import derived_id
from services.demo.gifts import Gift
from services.demo.rhythm import Stay, chances, exact, number, price, round_sum
from services.demo.visits import Lead, Traffic
from services.ingest.inputs import Split, Transaction

_BOOKINGS = (
    ("Video call", 75.0, 20),
    ("One hour", 180.0, 30),
    ("Two hours", 320.0, 28),
    ("Evening", 520.0, 16),
    ("Full day", 950.0, 4),
)
_TIERS = ((9.90, 62, "Letters"), (19.90, 29, "Letters and pictures"), (48.90, 9, "Inner circle"))
_PROGRAMMES = (("Bookshop partner programme", 0.6, None), ("Travel partner programme", 1.0, "USD"))
_PAYS_IN = {"GB": "GBP", "US": "USD", "CH": "CHF", "CA": "CAD"}
PAID, REPEATED, _SHARED, _ABROAD = 0.78, 0.3, 0.1, 0.5
_DRIFTED_DAYS = 84
KNOWN_GIVERS = 90
"""Gifts whose givers are remembered."""
_KNOWN_GIVER, LEAVING = 0.5, 0.07
_GIVERS = (
    (
        "calm",
        "kind",
        "quiet",
        "merry",
        "gentle",
        "bright",
        "brave",
        "curious",
        "lucky",
        "silver",
        "amber",
        "early",
    ),
    ("otter", "heron", "fox", "lynx", "finch", "badger", "swan", "hare", "robin", "seal", "marten", "owl"),
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who pays `amount` for a `tier`, month by month, in the profile's currency."""

    subscription_id: str
    name: str
    country: str | None
    tier: str | None
    amount: Decimal


def sales(stay: Stay, traffic: Traffic, convertible_until: date | None) -> list[Transaction]:
    """The transactions of the stay, none of them later than its `now`; amounts in another currency
    than the persona's only up to `convertible_until`."""
    made = Sales(stay, convertible_until)
    sold = [
        *made.bookings(traffic.inquiries),
        *made.gifts(traffic.checkouts),
        *made.subscriptions(),
        *made.affiliate(),
    ]
    return [
        sale
        for sale in sold
        if isinstance(sale.transaction_date, datetime) and sale.transaction_date <= stay.now
    ]


class Sales:
    """Makes sales. Those of a `run` are others than those of the history; the names of who pays then are
    numbered from another number, too."""

    def __init__(
        self, stay: Stay, convertible_until: date | None, run: str | None = None, numbered_from: int = 1
    ):
        self.stay, self.persona, self.until = stay, stay.persona, convertible_until
        self.run = run or stay.today.isoformat()
        self.chance = chances("sales", self.persona.slug, *([run] if run else []))
        self.numbers = count(numbered_from)
        # Every gift puts its giver in once more: who gave often gives again.
        self.givers: deque[tuple[str, str]] = deque(maxlen=KNOWN_GIVERS)

    def bookings(self, inquiries: list[Lead]) -> Iterator[Transaction]:
        for index, lead in enumerate(inquiries):
            client, times = self.name(), self._times()
            day = self._local(lead.at) + timedelta(days=self.chance.randrange(1, 12))
            for visit in range(times):
                while self.stay.away(day):
                    day += timedelta(days=1)
                occasion = self.occasion()
                at = self.stay.at(self.chance, day, earliest=11)
                yield self.booking(f"{index}-{visit}", at, occasion, client, lead.visitor.country)
                day += timedelta(days=self.chance.randrange(18, 50))

    def _times(self) -> int:
        """How often someone who got in touch books: most never, some become regulars."""
        if self.chance.random() * 100 >= self.persona.booked:
            return 0
        times = 1
        while times < 6 and self.chance.random() < REPEATED:
            times += 1
        return times

    def occasion(self) -> tuple[str, float]:
        """What somebody books, and its price in euros."""
        ((name, euros, _),) = self.chance.choices(_BOOKINGS, [weight for *_, weight in _BOOKINGS])
        return name, euros

    def booking(
        self, key: str, at: datetime, occasion: tuple[str, float], client: str, country: str
    ) -> Transaction:
        """One booking; who is abroad may pay in another currency, some are shared with a partner."""
        chance, day, (name, euros) = self.chance, self._local(at), occasion
        currency = self._currency(country, day)
        shared, refunded, settled = chance.random(), chance.random(), chance.random()
        more: dict[str, Any] = {}
        partners = self._partners(day)
        if partners and shared < _SHARED:
            partner, part = partners[int(shared / _SHARED * len(partners))]
            share = Decimal(part)
            more = {"partner_id": partner, "split": Split(profile=share, partner=1 - share)}
            euros *= 1.6
        amount = price(euros * self.persona.level, currency)
        if self.stay.ago(day) < 6 and settled < 0.3:
            more["status"] = "pending"
        elif refunded < 0.03:
            more |= self._given_back(at, amount if refunded < 0.018 else price(euros * 0.3, currency))
        return self._sale(
            "booking",
            key,
            at,
            amount,
            currency,
            counterparty_id=client,
            country=country,
            item_name=name,
            **more,
        )

    def _partners(self, day: date) -> list[tuple[str, str]]:
        """Who books together with her in these days, and her share."""
        there = self.stay.ago(day) >= _DRIFTED_DAYS
        known = (self.persona.partners or {}).items()
        return [(name, part) for name, part in known if there or name != self.persona.drifted]

    def gifts(self, checkouts: list[Lead]) -> Iterator[Transaction]:
        for index, lead in enumerate(checkouts):
            if self.chance.random() <= PAID and lead.gift is not None:
                yield self.gift(str(index), lead.at, lead.gift, lead.visitor.country)

    def gift(self, key: str, checkout: datetime, gift: Gift, country: str) -> Transaction:
        """The gift that is paid for after this `checkout`, by a known giver or by a new one of `country`."""
        chance = self.chance
        known = bool(self.givers) and chance.random() < _KNOWN_GIVER
        giver, country = chance.choice(self.givers) if known else (self.name(), country)
        self.givers.append((giver, country))
        at = checkout + timedelta(seconds=chance.randrange(20, 240))
        currency = self._currency(country, self._local(at))
        amount = self._gift_amount(gift, currency)
        more: dict[str, Any] = {}
        if self.stay.ago(self._local(at)) < 2 and chance.random() < 0.12:
            more["status"] = "pending"
        elif chance.random() < 0.012:
            more |= self._given_back(at, amount)
        return self._sale(
            "gift",
            key,
            at,
            amount,
            currency,
            counterparty_id=giver,
            country=country,
            item_id=gift.item_id,
            item_name=gift.name,
            category=gift.category,
            **more,
        )

    def _gift_amount(self, gift: Gift, currency: str) -> Decimal:
        if gift.euros is not None:
            return price(gift.euros, currency)
        return round_sum(min(self.chance.lognormvariate(log(30), 1.1), 1500), currency)

    def subscriptions(self) -> Iterator[Transaction]:
        chance, first = self.chance, self.stay.first
        begun = [first - timedelta(days=chance.randrange(30)) for _ in range(self.persona.subscribers)]
        for day in self.stay.days():
            begun += [day] * number(chance, self.persona.joining * (0.45 + 0.55 * self.stay.progress(day)))
        for index, start in enumerate(begun):
            subscriber = self.subscriber(f"subscription-{index}")
            at = self.stay.at(chance, start)
            for month in range(15):
                more = self._given_back(at, subscriber.amount) if chance.random() < 0.006 else {}
                if self._local(at) >= first:
                    yield self.charge(f"{index}-{month}", at, subscriber, **more)
                at = month_later(at)
                if self._local(at) > self.stay.today or chance.random() < LEAVING:
                    break

    def subscriber(self, subscription_id: str) -> Subscriber:
        """Somebody who joins."""
        chance = self.chance
        ((euros, _, tier),) = chance.choices(_TIERS, [weight for _, weight, _ in _TIERS])
        (country,) = chance.choices(list(self.persona.countries), list(self.persona.countries.values()))
        amount = price(euros, self.persona.currency)
        return Subscriber(subscription_id, self.name(), country, tier, amount)

    def charge(self, key: str, at: datetime, subscriber: Subscriber, **more: Any) -> Transaction:
        """What a subscriber pays for a month."""
        return self._sale(
            "subscription",
            key,
            at,
            subscriber.amount,
            self.persona.currency,
            counterparty_id=subscriber.name,
            country=subscriber.country,
            item_id=subscriber.subscription_id,
            item_name=subscriber.tier,
            interval="month",
            **more,
        )

    def affiliate(self) -> Iterator[Transaction]:
        """Paid out on a day of each month, for about what was seen in it."""
        for day in self.stay.days():
            for index, (name, weight, currency) in enumerate(_PROGRAMMES):
                if day.day != 8 + 9 * index:
                    continue
                euros = weight * (25 + 1.1 * self.stay.views(day)) * self.chance.uniform(0.75, 1.3)
                paid_in = currency if currency and self._convertible(day) else self.persona.currency
                at = datetime.combine(day, time(9), self.stay.tz).astimezone(UTC)
                amount = exact(euros, paid_in)
                yield self._sale(
                    "affiliate", f"{day}-{index}", at, amount, paid_in, item_name=name, category=name
                )

    def _sale(
        self, kind: str, key: str, at: datetime, amount: Decimal, currency: str, **more: Any
    ) -> Transaction:
        return Transaction.model_validate(
            {
                "id": derived_id("demo", self.persona.slug, kind, self.run, key),
                "profile_id": self.persona.profile_id,
                "transaction_type": kind,
                "transaction_date": at,
                "amount": amount,
                "currency": currency,
                **more,
            }
        )

    def _given_back(self, at: datetime, amount: Decimal) -> dict[str, Any]:
        refunded_at = at + timedelta(hours=self.chance.randrange(8, 130))
        if refunded_at > self.stay.now:
            return {}
        return {"status": "refunded", "refunded_amount": amount, "refunded_at": refunded_at}

    def _currency(self, country: str, day: date) -> str:
        theirs = _PAYS_IN.get(country, self.persona.currency)
        return theirs if self.chance.random() < _ABROAD and self._convertible(day) else self.persona.currency

    def _convertible(self, day: date) -> bool:
        return self.until is not None and day <= self.until

    def _local(self, at: datetime) -> date:
        return at.astimezone(self.stay.tz).date()

    def name(self) -> str:
        """A new name for somebody who pays."""
        how, who = (self.chance.choice(words) for words in _GIVERS)
        return f"{how}-{who}-{next(self.numbers)}"


def month_later(at: datetime) -> datetime:
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    return at.replace(year=year, month=month, day=min(at.day, 28))
