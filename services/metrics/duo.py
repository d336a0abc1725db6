"""Duo: bookings shared with partners, what they bring, and whether a partnership lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select

from models.database import Database, Transaction
from models.schema import transaction_refunds, transactions
from services.metrics.buckets import by_bucket, within
from services.metrics.metric import Good, Metric, Unit, Value, change, ratio
from services.metrics.report import comparable
from services.rollups.money import SOLD, movements
from services.scope import Scope

T, R = transactions.c, transaction_refunds.c
_MONTH = Decimal("30.44")
_SHORTEST_MONTH = 28
_FEW = 3


def _shared(scope: Scope) -> Any:
    """The sales of shared bookings and what was refunded of them in the period, as money moved."""
    duo = (
        (T.profile_id == scope.profile.profile_id)
        & (T.transaction_type == "booking")
        & T.partner_id.is_not(None)
    )
    return movements(
        duo & within(scope, T.transaction_date, T.local_date),
        duo & (R.profile_id == scope.profile.profile_id) & within(scope, R.refunded_at, R.local_date),
    ).subquery()


def _bookings(each: Any) -> ColumnElement[Any]:
    return cast(func.coalesce(func.sum(each.sales), 0), BigInteger)


def _share(each: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(each.gross - each.refunds), 0)


def _partners_share(each: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(each.partner_share), 0)


def _tally(total: Any) -> Any:
    def statement(scope: Scope) -> Select[Any]:
        each = _shared(scope).c
        return by_bucket(scope, each.at, each.local_date, total(each))

    return statement


def _whole(share: Value, partners_share: Value) -> Value:
    return None if share is None or partners_share is None else share + partners_share


METRICS = (
    Metric(
        "duoBookings",
        "Shared bookings",
        Unit.COUNT,
        Good.UP,
        "How many bookings you shared with a partner.",
        "Completed and refunded bookings with a partner, on the day of the sale.",
        _tally(_bookings),
    ),
    Metric(
        "duoRevenue",
        "Shared revenue",
        Unit.MONEY,
        Good.UP,
        "What shared bookings brought, your part and the partners' together.",
        "Your share + the partners' share of shared bookings; refunds are taken off both.",
        needs=("duoShare", "partnerShare"),
        combine=_whole,
    ),
    Metric(
        "duoShare",
        "Your share",
        Unit.MONEY,
        Good.UP,
        "Your part of shared bookings; it is counted in your revenue.",
        "Your part of shared bookings − what was refunded of it.",
        _tally(_share),
    ),
)


@dataclass(frozen=True)
class Shared:
    """What was shared with one partner in a period. Amounts are in the reporting currency, refunds taken
    off on their day: the whole `revenue` is this profile's `share` and the `partner_share`. `split` is
    this profile's part (0-1) of what was paid, None without a sale. `per_month` are bookings in 30.44
    days, None in a period of less than 28. The days are those of the first and last booking in it."""

    bookings: int = 0
    share: Decimal = Decimal(0)
    partner_share: Decimal = Decimal(0)
    split: Decimal | None = None
    per_month: Decimal | None = None
    first_booking: date | None = None
    last_booking: date | None = None

    @property
    def revenue(self) -> Decimal:
        return self.share + self.partner_share


@dataclass(frozen=True)
class Rhythm:
    """How often a partner was booked with, of all time up to the end of the period: the number of
    bookings, the day of the `last` one and the `silent` days since, and the `usual` days from one day with
    a booking to the next (their median; None with one day alone)."""

    bookings: int
    last: date
    silent: int
    usual: Decimal | None

    @property
    def fading(self) -> bool:
        """At least three bookings, and none for more than twice the usual time."""
        return self.bookings >= _FEW and self.usual is not None and self.silent > 2 * self.usual


@dataclass(frozen=True)
class Partner:
    """One partner: `now` in the period and `before` in the compared one (None when none is compared).
    `rhythm` is None while every booking so far lies after the period. The `best` has most share."""

    partner_id: str
    now: Shared
    before: Shared | None
    rhythm: Rhythm | None
    best: bool = False

    @property
    def fading(self) -> bool:
        return self.rhythm is not None and self.rhythm.fading


@dataclass(frozen=True)
class Partners:
    """The partners of the period and of the compared one, by this profile's share, the most first;
    `more` counts those left out by the limit. `comparable`: see services.metrics.report."""

    scope: Scope
    compared: Scope | None
    comparable: bool
    partners: tuple[Partner, ...]
    more: int = 0

    def change(self, partner: Partner) -> Decimal | None:
        """Relative change of the share against the compared period; None when that is no measure."""
        before = partner.before
        return change(partner.now.share, before.share) if before and self.comparable else None


def partners(database: Database, scope: Scope, limit: int | None = 100) -> Partners:
    """Every partner with something in the period or in the compared one, `limit` at most, all when it
    is None."""
    compared = scope.before()
    with database.snapshot() as tx:
        now = _by_partner(tx, scope)
        before = _by_partner(tx, compared) if compared else {}
        rhythms = _rhythms(tx, scope)
        fair = compared is not None and comparable(tx, compared)
    nothing, nothing_before = _nothing(scope), _nothing(compared) if compared else None
    best = max(now, key=lambda one: (now[one].share, one), default=None)
    found = [
        Partner(
            partner_id,
            now.get(partner_id, nothing),
            before.get(partner_id, nothing_before),
            rhythms.get(partner_id),
            best=partner_id == best and now[partner_id].share > 0,
        )
        for partner_id in now.keys() | before.keys()
    ]
    found.sort(key=lambda one: (-one.now.share, -(one.before.share if one.before else 0), one.partner_id))
    shown = tuple(found[:limit])
    return Partners(scope, compared, fair, shown, more=len(found) - len(shown))


def _by_partner(tx: Transaction, scope: Scope) -> Mapping[str, Shared]:
    each = _shared(scope).c
    statement = select(
        each.partner_id,
        _bookings(each).label("bookings"),
        _share(each).label("share"),
        _partners_share(each).label("partner_share"),
        func.sum(each.gross).label("paid"),
        # Sales add to what partners got, refunds take from it.
        func.sum(func.greatest(each.partner_share, 0)).label("paid_to_partner"),
        func.min(each.local_date).filter(each.sales > 0).label("first_booking"),
        func.max(each.local_date).filter(each.sales > 0).label("last_booking"),
    ).group_by(each.partner_id)
    months = _months(scope)
    return {
        row["partner_id"]: Shared(
            bookings=row["bookings"],
            share=row["share"],
            partner_share=row["partner_share"],
            split=ratio(row["paid"], row["paid"] + row["paid_to_partner"]),
            per_month=row["bookings"] / months if months else None,
            first_booking=row["first_booking"],
            last_booking=row["last_booking"],
        )
        for row in tx.rows(statement)
        if row["bookings"] or row["share"] or row["partner_share"]
    }


def _rhythms(tx: Transaction, scope: Scope) -> Mapping[str, Rhythm]:
    """Those of all partners. Bookings of one day are one meeting, so that no gap is of no days; what
    could not be converted was booked all the same."""
    end = _last_day(scope)
    days = (
        select(T.partner_id, T.local_date, func.count().label("bookings"))
        .where(
            T.profile_id == scope.profile.profile_id,
            T.transaction_type == "booking",
            T.partner_id.is_not(None),
            T.local_date <= end,
            SOLD,
        )
        .group_by(T.partner_id, T.local_date)
        .subquery()
        .c
    )
    before = func.lag(days.local_date).over(partition_by=days.partner_id, order_by=days.local_date)
    gaps = select(*days, (days.local_date - before).label("gap")).subquery().c
    statement = select(
        gaps.partner_id,
        cast(func.sum(gaps.bookings), BigInteger).label("bookings"),
        func.max(gaps.local_date).label("last"),
        func.percentile_cont(0.5).within_group(gaps.gap).label("usual"),
    ).group_by(gaps.partner_id)
    return {
        row["partner_id"]: Rhythm(
            row["bookings"],
            row["last"],
            (end - row["last"]).days,
            None if row["usual"] is None else Decimal(str(row["usual"])),
        )
        for row in tx.rows(statement)
    }


def _nothing(scope: Scope) -> Shared:
    return Shared(per_month=Decimal(0) if _months(scope) else None)


def _last_day(scope: Scope) -> date:
    """The last day of the period that has begun."""
    return min(scope.period.last, scope.profile.local_date(scope.now))


def _months(scope: Scope) -> Decimal | None:
    """The length of the period so far; None where it is less than a month."""
    days = (_last_day(scope) - scope.period.first + timedelta(days=1)).days
    return days / _MONTH if days >= _SHORTEST_MONTH else None
