"""Gifts for machines."""

from decimal import Decimal
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.answers import (
    CSV_FILE,
    ExportQuery,
    PageQuery,
    ProfilePath,
    ScopeQuery,
    comparison,
    cursor,
    envelope,
    exported,
    place_of,
    scope_of,
    streamed,
    totals,
)
from api.schemas import (
    Categories,
    Category,
    Compared,
    DonorPage,
    MoneyAnswer,
    Step,
    figure,
    with_figures,
)
from services.export import text
from services.metrics import METRICS, report
from services.metrics.breakdown import Breakdown
from services.metrics.demographics import BOUNDS, Demographics, Group, demographics
from services.metrics.donors import Donor, Place, donors, every_donor
from services.metrics.encode import money, plain, share
from services.metrics.funnel import funnel
from services.metrics.gifts import categories
from services.metrics.metric import change
from services.scope import Scope
from session import stores

blueprint = APIBlueprint(
    "gift-analytics", __name__, url_prefix="/gift-analytics", abp_tags=[Tag(name="Gift analytics")]
)
SUMMARY = ("giftRevenue", "giftCount", "donorCount", "averageGift")
_TOP = 5
_REVENUE = {"revenue": figure("giftRevenue")}
Before = with_figures("GiftsBefore", Compared, SUMMARY[1:], **_REVENUE)
Summary = with_figures(
    "GiftSummary",
    MoneyAnswer,
    SUMMARY[1:],
    **_REVENUE,
    topCategories=list[Category],
    funnel=list[Step],
    comparison=Before | None,
)


DONOR_COLUMNS = ("donorId", "total", "currency", "gifts", "firstGift", "lastGift")
DONOR_FILE = {
    "description": f"A row for each donor, the one who gave most first: {', '.join(DONOR_COLUMNS)}",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


class DonorQuery(ScopeQuery, PageQuery):
    """A page of the period's donors."""


@blueprint.get("/<uuid:profileId>/summary", responses={200: Summary})
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """Gift revenue and what stands behind it."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SUMMARY)
    return envelope(
        asked,
        currency=asked.currency,
        **_named(totals(figures, SUMMARY)),
        topCategories=_rows(categories(stores().database, asked, _TOP)),
        funnel=[
            {
                "step": step.key,
                "label": step.label,
                "visitors": step.visitors,
                "count": step.count,
                "onward": share(step.onward),
            }
            for step in funnel(stores().database, asked)
        ],
        comparison=_named(comparison(figures, SUMMARY)),
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same figures by bucket, as CSV."""
    return exported(path.profileId, SUMMARY, "gifts")


@blueprint.get("/<uuid:profileId>/by-category", responses={200: Categories})
def by_category(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """Every category with its revenue; `category` is null where none was given."""
    asked = scope_of(path.profileId)
    found = categories(stores().database, asked, limit=None)
    return envelope(asked, currency=asked.currency, categories=_rows(found))


@blueprint.get("/<uuid:profileId>/donors", responses={200: DonorPage})
def donor_page(path: ProfilePath, query: DonorQuery) -> dict[str, Any]:
    """The donors by what they gave, the most first, a page at a time, and what kind of people all are."""
    asked = scope_of(path.profileId)
    page = donors(stores().database, asked, place_of(query.cursor, Place.read), query.limit)
    return envelope(
        asked,
        currency=asked.currency,
        donors=[
            {
                "donorId": donor.donor_id,
                "total": money(donor.total, asked.currency),
                "gifts": donor.gifts,
                "firstGift": donor.first_gift.isoformat(),
                "lastGift": donor.last_gift.isoformat(),
            }
            for donor in page.donors
        ],
        demographics=_demographics(demographics(stores().database, asked), asked.currency),
        nextCursor=cursor(*page.next) if page.next else None,
    )


@blueprint.get("/<uuid:profileId>/donors/export", responses={200: DONOR_FILE})
def export_donors(path: ProfilePath, query: ExportQuery) -> Response:
    """Every donor of the period, however many, as CSV."""
    asked = scope_of(path.profileId)
    rows = (_cells(donor, asked) for donor in every_donor(stores().database, asked))
    return streamed(asked, DONOR_COLUMNS, rows, "donors")


def _cells(donor: Donor, asked: Scope) -> tuple[str | int, ...]:
    return (
        text(donor.donor_id),
        money(donor.total, asked.currency),
        asked.currency,
        donor.gifts,
        donor.first_gift.isoformat(),
        donor.last_gift.isoformat(),
    )


def _demographics(found: Demographics, currency: str) -> dict[str, Any]:
    def group(of: Group) -> dict[str, Any]:
        return {
            "donors": of.donors,
            "revenue": None if of.revenue is None else money(of.revenue, currency),
        }

    ends = [money(Decimal(bound), currency) for bound in (0, *BOUNDS)]
    return {
        "new": found.new,
        "returning": found.returning,
        "lapsed": found.lapsed,
        "countries": [{"country": key or None, **group(each)} for key, each in found.countries.items()],
        "bands": [
            {"from": low, "to": high, **group(each)}
            for low, high, each in zip(ends, (*ends[1:], None), found.bands, strict=True)
        ],
        "topTenShare": share(found.top_share),
    }


def _named(values: Any) -> Any:
    """Gift revenue is plain `revenue` here."""
    if values is None:
        return None
    return {("revenue" if key == "giftRevenue" else key): value for key, value in values.items()}


def _rows(found: Breakdown) -> list[dict[str, Any]]:
    currency = found.scope.currency
    return [
        {
            "category": row.key or None,
            "revenue": plain(METRICS["giftRevenue"], row.values["giftRevenue"], currency),
            "count": row.values["giftCount"],
            "share": share(row.share),
            "change": share(change(row.values["giftRevenue"], (row.before or {}).get("giftRevenue"))),
        }
        for row in found.rows
    ]
