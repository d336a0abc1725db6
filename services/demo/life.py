"""What happens on one profile of the demo from now on, moment by moment."""

import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from models.ids import derived_id
from services.demo.pace import Kind, rates
from services.demo.personas import Persona
from services.demo.renewals import Renewal
from services.demo.rhythm import Stay, chances, number
from services.demo.sales import PAID, Sales
from services.demo.telling import Told, refunded, sold, viewed
from services.demo.visits import Visits
from services.ingest.inputs import Event, Transaction

_REFUNDABLE = 40
_IN_PART, _LEAST_PART = 0.4, 20


@dataclass
class Happened:
    """`told` by the platform through the stream; `posted` by the profile's own page."""

    told: list[Told] = field(default_factory=list)
    posted: list[Event] = field(default_factory=list)


class Life:
    """One persona's profile from `began` on. What was not fetched when it was due is not made up for."""

    def __init__(
        self,
        persona: Persona,
        began: datetime,
        convertible_until: date | None = None,
        givers: Sequence[tuple[str, str]] = (),
    ):
        self.persona, self.began, self.run = persona, began, began.isoformat()
        self.stay = Stay(persona, began, 1)
        self.chance = chances("life", persona.slug, self.run)
        self.visits = Visits(self.stay, self.run)
        # Names of the history end in small numbers.
        self.sales = Sales(self.stay, convertible_until, self.run, int(began.timestamp()) % 1_000_000)
        self.sales.givers.extend(givers)
        self.sold: deque[Told] = deque(maxlen=_REFUNDABLE)
        self.renewed: set[Renewal] = set()
        self.numbers = count()
        self._to_come: list[tuple[datetime, int, Event | Transaction]] = []

    def happen(self, at: datetime, seconds: float) -> Happened:
        """What happens in the `seconds` before `at`, and what followed by then from earlier visits."""
        expected = rates(self.stay, at, (at - self.began).total_seconds())
        happened = Happened()
        for kind, rate in expected.items():
            for _ in range(number(self.chance, rate * seconds)):
                self._make(kind, at, happened)
        while self._to_come and self._to_come[0][0] <= at:
            _, _, due = heapq.heappop(self._to_come)
            if isinstance(due, Transaction):
                self._sell(due, happened)
            elif due.event_type == "view":
                happened.told.append(viewed(due))
            else:
                happened.posted.append(due)
        return happened

    def renew(self, due: Iterable[Renewal], at: datetime) -> list[Told]:
        """The next month of one subscriber, paid now: the first one that is `due` and was not told yet."""
        for renewal in due:
            if renewal not in self.renewed:
                self.renewed.add(renewal)
                return [self._renewed(renewal, at)]
        return []

    def _renewed(self, renewal: Renewal, at: datetime) -> Told:
        subscription = renewal.subscriber.subscription_id
        # The same whoever tells it: in the next run it may not be stored yet.
        key = derived_id("demo", self.persona.slug, "renewal", subscription, renewal.due.isoformat())
        told = sold(self.sales.charge("", at, renewal.subscriber).model_copy(update={"id": key}))
        self.sold.append(told)
        return told

    def _make(self, kind: Kind, at: datetime, happened: Happened) -> None:
        match kind:
            case Kind.VIEW | Kind.GIFT:
                self._visit(at, giving=kind is Kind.GIFT)
            case Kind.ROBOT:
                self.visits.robot(at)
                self._gather()
            case Kind.BOOKING:
                country = self._country()
                occasion, client = self.sales.occasion(), self.sales.name()
                self._sell(self.sales.booking(self._key(), at, occasion, client, country), happened)
            case Kind.JOINING:
                subscriber = self.sales.subscriber(f"subscription-{next(self.sales.numbers)}")
                self._sell(self.sales.charge(self._key(), at, subscriber), happened)
            case Kind.REFUND if self.sold:
                self._refund(at, happened)

    def _visit(self, at: datetime, giving: bool) -> None:
        day = at.astimezone(self.stay.tz).date()
        self.visits.visit(at, self.visits.source_weights(day), giving=giving)
        for lead in self.visits.traffic.checkouts:
            if lead.gift and (giving or self.chance.random() <= PAID):
                gift = self.sales.gift(self._key(), lead.at, lead.gift, lead.visitor.country)
                assert isinstance(gift.transaction_date, datetime)
                self._later(gift.transaction_date, gift)
        self._gather()

    def _gather(self) -> None:
        """Takes what the last visit left behind."""
        for event in self.visits.traffic.events:
            assert event.timestamp is not None
            self._later(event.timestamp, event)
        for made in (
            self.visits.traffic.events,
            self.visits.traffic.inquiries,
            self.visits.traffic.checkouts,
        ):
            made.clear()

    def _later(self, at: datetime, what: Event | Transaction) -> None:
        heapq.heappush(self._to_come, (at, next(self.numbers), what))

    def _sell(self, sale: Transaction, happened: Happened) -> None:
        told = sold(sale)
        self.sold.append(told)
        happened.told.append(told)

    def _refund(self, at: datetime, happened: Happened) -> None:
        """Somebody who paid in this run gets all of it back, or a round part."""
        sale = self.sold.popleft()
        half = Decimal(sale["data"]["amount"]) // 2
        part = half if half >= _LEAST_PART and self.chance.random() < _IN_PART else None
        happened.told.append(refunded(derived_id("demo", "refund", sale["id"]), at, sale, part))

    def _country(self) -> str:
        countries = self.persona.countries
        (country,) = self.chance.choices(list(countries), list(countries.values()))
        return country

    def _key(self) -> str:
        return str(next(self.numbers))
