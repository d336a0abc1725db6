"""Histories of a profile: steps that say the same thing to the product and to the recount."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from models.schema import fx_rates
from models.stores import Stores
from services import costs
from services.ingest import events, revision, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from tests.services.rollups.recount import DECIMALS, Order, Recount, Spending, Visit

OWN_HOST = "anna.example"
PLACES = (
    ("Europe/Berlin", "EUR"),
    ("America/New_York", "USD"),
    ("Asia/Kolkata", "INR"),
    ("Asia/Kathmandu", "KWD"),
    ("Australia/Lord_Howe", "JPY"),
)
# Midday, the evening after Berlin's clocks changed, and after those of Lord Howe did (by half an hour).
QUESTIONS = tuple(
    datetime.fromisoformat(text)
    for text in ("2026-11-20T11:20:00+00:00", "2026-10-25T20:45:00+00:00", "2026-04-05T09:10:00+00:00")
)
# Clocks change at these instants, in one of the zones or another.
_CHANGES = tuple(
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2026-03-08T07:00", "2026-03-29T01:00", "2026-04-04T15:00", "2026-10-03T15:30", "2026-10-25T01:00",
        "2025-11-02T06:00", "2026-11-01T06:00",
    )
)  # fmt: skip
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_REFERRERS = (
    (None, "Direct"),
    ("https://www.instagram.com/anna", "Instagram"),
    (f"https://{OWN_HOST}/gallery", None),
)
# Per euro; their quotients have few decimals, so that a half is a half on both sides.
EARLY_RATES = {"USD": Decimal("1.25"), "INR": Decimal(80), "JPY": Decimal(160)}
LATE_RATES = {"KWD": Decimal("0.32"), "USD": Decimal("1.6"), "AUD": Decimal("2.5")}
_IMPORTS = tuple(UUID(int=number) for number in (1, 2))


@dataclass(frozen=True)
class Step:
    """One thing that happens; `tell` says it to the product, `model` to the recount."""

    name: str
    tell: Callable[[Stores, Profile], Any]
    model: Callable[[Recount], None]


@dataclass(frozen=True)
class History:
    zone: str
    currency: str
    now: datetime
    steps: tuple[Step, ...]


def seed(stores: Stores, now: datetime) -> dict[tuple[str, date], Fraction]:
    """Empties the rates and stores the early ones, published on every tenth day up to `now`."""
    days = [(now - timedelta(days=back)).date() for back in range(0, 420, 10)]
    with stores.database.transaction() as tx:
        tx.run(fx_rates.delete())
    _publish(stores, EARLY_RATES, days)
    return {(code, day): Fraction(rate) for code, rate in EARLY_RATES.items() for day in days}


def _publish(stores: Stores, rates: dict[str, Decimal], days: list[date]) -> None:
    rows = [(code, day, "ecb", rate) for code, rate in rates.items() for day in days]
    with stores.database.transaction() as tx:
        tx.run(fx_rates.delete().where(fx_rates.c.currency.in_(rates), fx_rates.c.rate_date.in_(days)))
        tx.copy(fx_rates, ("currency", "rate_date", "source", "rate"), rows)


def _instant(rng: Random, zone: str, now: datetime) -> datetime:
    kind = rng.choice(("recent", "any", "midnight", "change"))
    if kind == "midnight":
        day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=rng.randint(0, 9))
        at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        at += timedelta(microseconds=rng.choice((-1, 0, 1, 600_000_000)))
    elif kind == "change":
        at = rng.choice(_CHANGES) + timedelta(minutes=rng.randint(-150, 150))
    else:
        at = now - timedelta(seconds=rng.randint(0, 26 * 3600 if kind == "recent" else 400 * 86_400))
    return min(at, now)


def _moment(rng: Random, zone: str, now: datetime) -> datetime | date:
    if rng.random() < 0.5:
        return now.date() - timedelta(days=rng.choice((0, 1, rng.randint(0, 400))))
    return _instant(rng, zone, now)


def _visit(rng: Random, zone: str, now: datetime) -> Visit:
    referrer, source = rng.choice(_REFERRERS)
    return Visit(
        id=UUID(int=rng.randint(1, 6)),
        at=_instant(rng, zone, now),
        kind=rng.choice(("view", "view", "view", "click", "click", "inquiry", "favorite", "share")),
        who=rng.choice(("v1", "v2", "v3")),
        bot=rng.random() < 0.15,
        owner=rng.random() < 0.15,
        referrer=referrer,
        source=source,
        country=rng.choice((None, "DE", "AT")),
        target=rng.choice((None, "gift-catalog", "gift:rose", "gift:wine", "gift-checkout", "gift")),
        seconds=rng.choice((None, 0, 5, 30)),
    )


def _amount(rng: Random, currency: str) -> Decimal:
    return _units(rng.choice((0, 5, 99, 1000, 12345, 100_001)), currency)


def _units(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-DECIMALS[currency])


def _order(rng: Random, zone: str, now: datetime, home: str) -> Order:
    currency = rng.choice((home, home, "EUR", "USD", "JPY", "KWD", "AUD"))
    kind = rng.choice(("booking", "booking", "gift", "gift", "subscription", "affiliate"))
    return Order(
        id=UUID(int=rng.getrandbits(120)),
        kind=kind,
        amount=_amount(rng, currency),
        currency=currency,
        status="pending",
        at=_moment(rng, zone, now),
        refunded=None,
        refunded_at=None,
        category=rng.choice((None, "roses")),
        donor=rng.choice((None, "d1", "d2")),
        partner_share=rng.choice((Decimal("0.5"), Decimal("0.3"), None)) if kind == "booking" else None,
    )


def _word(rng: Random, order: Order, zone: str, now: datetime) -> Order:
    """A later (or a stale, or a contradictory) word on the order."""
    status = rng.choice(("pending", *["completed"] * 4, "refunded"))
    amount = _amount(rng, order.currency) if rng.random() < 0.1 else order.amount
    refunded, refunded_at = None, None
    if status == "refunded" and rng.random() < 0.8:
        most = int(amount.scaleb(DECIMALS[order.currency]))
        refunded = _units(rng.choice((0, most, rng.randint(0, most))), order.currency)
        refunded_at = rng.choice((None, _moment(rng, zone, now)))
    return replace(order, status=status, amount=amount, refunded=refunded, refunded_at=refunded_at)


def _spending(rng: Random, now: datetime) -> Spending:
    currency = rng.choice(tuple(DECIMALS))
    return Spending(
        id=UUID(int=rng.getrandbits(120)),
        category=rng.choice(("marketing", "subscriptions", "tools", "platform_fees")),
        amount=_amount(rng, currency),
        currency=currency,
        day=now.date() - timedelta(days=rng.choice((0, 1, 6, 7, 40, 380))),
    )


@st.composite
def histories(draw: st.DrawFn, undo: bool = True) -> History:
    """A place and some ten steps, which come from one seed; a failing history is cut down by leaving
    steps out."""
    zone, currency = draw(st.sampled_from(PLACES))
    now = draw(st.sampled_from(QUESTIONS))
    rng = Random(draw(st.binary(min_size=8, max_size=8)))
    visits = [_visit(rng, zone, now) for _ in range(40)]
    orders = [_order(rng, zone, now, currency) for _ in range(6)]
    steps = [
        _order_step([replace(order, status="completed") for order in orders[:4]], now, None),
        *(_step(rng, zone, now, visits, orders, undo) for _ in range(13)),
    ]
    kept = draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))
    return History(zone, currency, now, tuple(step for step, keep in zip(steps, kept, strict=True) if keep))


def _step(
    rng: Random, zone: str, now: datetime, visits: list[Visit], orders: list[Order], undo: bool
) -> Step:
    kinds = (*["visits"] * 3, *["orders"] * 4, "refund", "refund", "costs", "rates", "undo")
    kind = rng.choice(kinds if undo else kinds[:-1])
    origin = rng.choice((None, *_IMPORTS))
    if kind == "visits":
        chosen = rng.choices(visits, k=rng.randint(5, 25))
        batch = [replace(visit, seconds=rng.choice((visit.seconds, None, 3, 60))) for visit in chosen]
        return _visit_step(batch, now, origin)
    if kind == "orders":
        told = rng.choices(orders, k=rng.randint(1, 3))
        return _order_step([_word(rng, order, zone, now) for order in told], now, origin)
    if kind == "refund":
        order = rng.choice(orders)
        units = rng.choice((None, 1, 2, 99))
        amount = None if units is None else _units(units, order.currency)
        reference = rng.choice(("r1", "r2"))
        return _refund_step(order.id, amount, _moment(rng, zone, now), reference, now, origin)
    if kind == "costs":
        return _cost_step([_spending(rng, now) for _ in range(rng.randint(0, 3))], now, origin)
    return _rates_step(now) if kind == "rates" else _undo_step(rng.choice(_IMPORTS), now)


def _visit_step(batch: list[Visit], now: datetime, import_id: UUID | None) -> Step:
    def tell(stores: Stores, profile: Profile) -> None:
        sent = [
            Event(
                id=visit.id,
                profile_id=profile.profile_id,
                event_type=visit.kind,
                timestamp=visit.at,
                user_agent=_BOT if visit.bot else _BROWSER,
                referrer=visit.referrer,
                target=visit.target,
                duration_seconds=visit.seconds,
                visitor_id=visit.who,
                country=visit.country,
                is_owner=visit.owner,
            )
            for visit in batch
        ]
        events.store(stores, sent, now, import_id)

    return Step(f"visits {batch} {import_id}", tell, lambda recount: recount.visited(batch, import_id))


def _order_step(batch: list[Order], now: datetime, import_id: UUID | None) -> Step:
    def tell(stores: Stores, profile: Profile) -> None:
        sent = [
            Transaction(
                id=order.id,
                profile_id=profile.profile_id,
                transaction_type=order.kind,
                amount=order.amount,
                currency=order.currency,
                status=order.status,
                transaction_date=order.at,
                refunded_amount=order.refunded,
                refunded_at=order.refunded_at,
                category=order.category,
                counterparty_id=order.donor,
                partner_id=None if order.partner_share is None else "partner",
                split=None
                if order.partner_share is None
                else {"profile": 1 - order.partner_share, "partner": order.partner_share},
            )
            for order in batch
        ]
        with stores.database.transaction() as tx:
            transactions.record(tx, profile, sent, now, import_id)

    return Step(f"orders {batch} {import_id}", tell, lambda recount: recount.ordered(batch, import_id))


def _refund_step(
    key: UUID, amount: Decimal | None, at: datetime | date, reference: str, now: datetime, origin: UUID | None
) -> Step:
    def tell(stores: Stores, profile: Profile) -> None:
        with stores.database.transaction() as tx:
            transactions.refund(tx, profile, key, amount, at, reference, now, origin)

    def model(recount: Recount) -> None:
        recount.refunded(key, amount, at, reference, origin)

    return Step(f"refund {key} {amount} {at} {reference} {origin}", tell, model)


def _cost_step(batch: list[Spending], now: datetime, import_id: UUID | None) -> Step:
    def tell(stores: Stores, profile: Profile) -> None:
        sent = [
            Cost(
                id=spending.id,
                profile_id=profile.profile_id,
                category=spending.category,
                description="Something",
                amount=spending.amount,
                currency=spending.currency,
                expense_date=spending.day,
            )
            for spending in batch
        ]
        with stores.database.transaction() as tx:
            costs.record(tx, profile, sent, now, import_id)

    return Step(f"costs {batch} {import_id}", tell, lambda recount: recount.spent(batch, import_id))


def _rates_step(now: datetime) -> Step:
    days = [(now - timedelta(days=back)).date() for back in range(0, 200, 10)]

    def tell(stores: Stores, profile: Profile) -> None:
        _publish(stores, LATE_RATES, days)
        with stores.database.transaction() as tx:
            revision.convert(tx, profile, now)
            costs.convert(tx, profile, now)

    came = {(code, day): Fraction(rate) for code, rate in LATE_RATES.items() for day in days}
    return Step("rates", tell, lambda recount: recount.rates_came(came))


def _undo_step(import_id: UUID, now: datetime) -> Step:
    def tell(stores: Stores, profile: Profile) -> None:
        with stores.database.transaction() as tx:
            events.remove_import(tx, profile.profile_id, import_id, now)
            revision.remove_import(tx, profile, import_id, now)
            costs.remove_import(tx, profile.profile_id, import_id)

    return Step(f"undo {import_id}", tell, lambda recount: recount.undone(import_id))
