"""Partners of shared bookings for machines."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.answers import (
    CSV_FILE,
    ExportQuery,
    ProfilePath,
    ScopeQuery,
    comparison,
    envelope,
    exported,
    scope_of,
    streamed,
    totals,
)
from api.schemas import Compared, Day, Decimals, MoneyAnswer, Shape, listed, with_figures
from services.export import text
from services.metrics import report
from services.metrics.duo import Partner as Found
from services.metrics.duo import Shared, partners
from services.metrics.encode import money
from session import stores

blueprint = APIBlueprint(
    "duo-referrals", __name__, url_prefix="/duo-referrals", abp_tags=[Tag(name="Duo referrals")]
)
SUMMARY = ("duoBookings", "duoRevenue", "duoShare", "partnerShare")
_COLUMNS = ("bookings", "revenue", "share", "partnerShare", "perMonth", "firstBooking", "lastBooking")
_BEFORE = ("bookings", "revenue", "share", "partnerShare")
_HEADER = (
    "partnerId",
    "currency",
    "split",
    *_COLUMNS,
    "fading",
    "best",
    *(f"{key} before" for key in _BEFORE),
)
_FILE = {**CSV_FILE, "description": "A row for each partner"}


class Split(Shape):
    """The parts (0-1) that were really paid; they sum to 1."""

    profile: float
    partner: float


class Together(Shape):
    """What was shared with one partner: the whole `revenue`, and the `share` of this profile. `split` is
    null without a sale, `perMonth` in a period of less than 28 days."""

    bookings: int
    revenue: Decimals
    split: Split | None
    share: Decimals
    partner_share: Decimals
    per_month: float | None
    first_booking: Day | None
    last_booking: Day | None


class Partner(Together):
    """One partner. `fading`: no booking for more than twice the usual days between two, after at least
    three; `best`: with most share. `silentDays` since the last booking and `usualDays` are of all time."""

    partner_id: str
    fading: bool
    best: bool
    silent_days: int | None
    usual_days: float | None
    before: Together | None


Before = with_figures("DuoBefore", Compared, SUMMARY)
Summary = with_figures(
    "DuoReferrals", MoneyAnswer, SUMMARY, partners=listed(Partner), comparison=Before | None
)


@blueprint.get("/<uuid:profileId>", responses={200: Summary})
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """What shared bookings brought, with whom; the partner with most share first."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SUMMARY)
    found = partners(stores().database, asked, limit=None)
    return envelope(
        asked,
        currency=asked.currency,
        **totals(figures, SUMMARY),
        partners=[_partner(one, asked.currency) for one in found.partners],
        comparison=comparison(figures, SUMMARY),
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same figures by bucket, as CSV."""
    return exported(path.profileId, SUMMARY, "partners")


@blueprint.get("/<uuid:profileId>/partners/export", responses={200: _FILE})
def export_partners(path: ProfilePath, query: ExportQuery) -> Response:
    """The partners, as CSV."""
    asked = scope_of(path.profileId)
    found = partners(stores().database, asked, limit=None)
    rows = (_row(_partner(one, asked.currency), asked.currency) for one in found.partners)
    return streamed(asked, _HEADER, rows, "partners-by-share")


def _partner(one: Found, currency: str) -> dict[str, Any]:
    rhythm = one.rhythm
    return {
        "partnerId": one.partner_id,
        **_together(one.now, currency),
        "fading": one.fading,
        "best": one.best,
        "silentDays": rhythm.silent if rhythm else None,
        "usualDays": float(rhythm.usual) if rhythm and rhythm.usual is not None else None,
        "before": _together(one.before, currency) if one.before else None,
    }


def _together(shared: Shared, currency: str) -> dict[str, Any]:
    split = None if shared.split is None else round(float(shared.split), 6)
    first, last = shared.first_booking, shared.last_booking
    return {
        "bookings": shared.bookings,
        "revenue": money(shared.revenue, currency),
        "split": None if split is None else {"profile": split, "partner": round(1 - split, 6)},
        "share": money(shared.share, currency),
        "partnerShare": money(shared.partner_share, currency),
        "perMonth": None if shared.per_month is None else round(float(shared.per_month), 2),
        "firstBooking": first.isoformat() if first else None,
        "lastBooking": last.isoformat() if last else None,
    }


def _row(partner: dict[str, Any], currency: str) -> list[object]:
    """One line of the file; `split` is this profile's part."""
    split, before = partner["split"], partner["before"] or {}
    return [
        text(partner["partnerId"]),
        currency,
        split and split["profile"],
        *(partner[key] for key in _COLUMNS),
        *("yes" if partner[key] else "no" for key in ("fading", "best")),
        *(before.get(key) for key in _BEFORE),
    ]
