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
    foreign_cursor,
    read_cursor,
    scope_of,
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
from services.metrics import METRICS, report
from services.metrics.breakdown import Breakdown
from services.metrics.encode import money, plain
from services.metrics.funnel import funnel
from services.metrics.gifts import categories, donors, place
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
            {"step": step.key, "label": step.label, "visitors": step.visitors, "count": step.count}
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
    return envelope(
        asked, currency=asked.currency, categories=_rows(categories(stores().database, asked, 10_000))
    )


@blueprint.get("/<uuid:profileId>/donors", responses={200: DonorPage})
def donor_page(path: ProfilePath, query: DonorQuery) -> dict[str, Any]:
    """The donors by what they gave, the most first, a page at a time."""
    asked = scope_of(path.profileId)
    page = donors(stores().database, asked, _place(query.cursor), query.limit)
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
                "country": donor.country,
            }
            for donor in page.donors
        ],
        nextCursor=cursor(*page.next) if page.next else None,
    )


def _place(given: str | None) -> tuple[Decimal, str] | None:
    if given is None:
        return None
    found = place(*read_cursor(given, 2))
    if found is None:
        raise foreign_cursor()
    return found


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
            "share": None if row.share is None else round(float(row.share), 6),
        }
        for row in found.rows
    ]
