"""Gifts for machines."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_openapi3 import APIBlueprint, Tag

from api.answers import (
    PageQuery,
    ProfilePath,
    ScopeQuery,
    comparison,
    cursor,
    envelope,
    read_cursor,
    scope_of,
    totals,
)
from models.errors import InvalidInput
from services.metrics import METRICS, report
from services.metrics.breakdown import Breakdown
from services.metrics.encode import money, plain
from services.metrics.funnel import funnel
from services.metrics.gifts import categories, donors
from session import stores

blueprint = APIBlueprint(
    "gift-analytics", __name__, url_prefix="/gift-analytics", abp_tags=[Tag(name="Gift analytics")]
)
SUMMARY = ("giftRevenue", "giftCount", "donorCount", "averageGift")
_TOP = 5


class DonorQuery(ScopeQuery, PageQuery):
    """A page of the period's donors."""


@blueprint.get("/<profileId>/summary")
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


@blueprint.get("/<profileId>/by-category")
def by_category(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """Every category with its revenue; `category` is null where none was given."""
    asked = scope_of(path.profileId)
    return envelope(
        asked, currency=asked.currency, categories=_rows(categories(stores().database, asked, 10_000))
    )


@blueprint.get("/<profileId>/donors")
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
    total, donor_id = read_cursor(given, 2)
    try:
        return Decimal(total), donor_id
    except InvalidOperation:
        raise InvalidInput.at("cursor", "This cursor does not come from here; begin without one.") from None


def _named(values: Any) -> Any:
    """`revenue` stands for gift revenue here."""
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
