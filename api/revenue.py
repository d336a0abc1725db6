"""Revenue for machines."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

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
    local,
    place_of,
    points,
    scope_of,
    streamed,
    totals,
)
from api.schemas import (
    Bucket,
    BySource,
    Compared,
    MoneyAnswer,
    MovementPage,
    Pricing,
    Subscribers,
    listed,
    with_figures,
)
from models.period import Granularity
from models.schema.money import TransactionType
from services import transactions
from services.export import text
from services.metrics import pricing, report, subscriptions
from services.metrics.encode import money
from services.metrics.revenue import SOURCES
from services.scope import Scope
from services.transactions import Filter, Movement, MovementKind, Place
from session import stores

blueprint = APIBlueprint("revenue", __name__, url_prefix="/revenue", abp_tags=[Tag(name="Revenue")])
TOTALS = ("gross", "refunds", "net", "pending", "sales", "partnerShare", "affiliateSales")
_GROUPS = {
    "bySource": {key: key for key in SOURCES},
    "subscribers": subscriptions.NAMES,
    "pricing": {metric.key: metric.key for metric in pricing.METRICS},
}
FIGURES = (*TOTALS, *(key for group in _GROUPS.values() for key in group.values()))
_SHAPES = {"bySource": BySource, "subscribers": Subscribers, "pricing": Pricing}
Before = with_figures("RevenueBefore", Compared, TOTALS, **_SHAPES)
Summary = with_figures("RevenueSummary", MoneyAnswer, TOTALS, **_SHAPES, comparison=Before | None)
Point = with_figures("RevenuePoint", Bucket, TOTALS, **_SHAPES)
Series = with_figures("RevenueSeries", MoneyAnswer, (), granularity=Granularity, points=listed(Point))

ROW_FILE = {
    "description": "A row for each sale and each refund, from the newest on",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


class RowQuery(ScopeQuery):
    """Which of the period's sales and refunds are wanted."""

    source: TransactionType | None = None
    kind: MovementKind | None = Field(None, description="Unconverted ones are in no sum for want of a rate")
    category: str | None = Field(None, max_length=transactions.LONGEST_TEXT)
    partner: str | None = Field(None, max_length=transactions.LONGEST_TEXT)
    q: str | None = Field(
        None,
        max_length=transactions.LONGEST_TEXT,
        description="Words that each stand in description, item, payer, partner, category or external id, "
        "in any case of letters",
    )


class RowPageQuery(RowQuery, PageQuery):
    """A page of them."""


class RowFileQuery(RowQuery, ExportQuery):
    """All of them, as a file."""


@blueprint.get("/<uuid:profileId>/summary", responses={200: Summary})
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """What was earned in the period, and from what."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, FIGURES)
    return envelope(
        asked,
        currency=asked.currency,
        **_grouped(totals(figures, FIGURES)),
        comparison=_grouped(comparison(figures, FIGURES)),
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same figures by bucket, as CSV."""
    return exported(path.profileId, FIGURES, "revenue")


@blueprint.get("/<uuid:profileId>/timeseries", responses={200: Series})
def timeseries(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """The same by bucket."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, FIGURES)
    return envelope(
        asked,
        currency=asked.currency,
        granularity=asked.granularity,
        points=[_grouped(point) for point in points(figures, FIGURES)],
    )


@blueprint.get("/<uuid:profileId>/transactions", responses={200: MovementPage})
def movements(path: ProfilePath, query: RowPageQuery) -> dict[str, Any]:
    """The sales and refunds behind the figures, from the newest on, a page at a time."""
    asked = scope_of(path.profileId)
    after = place_of(query.cursor, Place.read)
    with stores().database.transaction() as tx:
        page = transactions.listing(tx, asked, Filter.of(request.args), after, query.limit)
    return envelope(
        asked,
        currency=asked.currency,
        transactions=[_movement(row, asked) for row in page.rows],
        nextCursor=cursor(*page.next.texts()) if page.next else None,
    )


@blueprint.get("/<uuid:profileId>/transactions/export", responses={200: ROW_FILE})
def export_movements(path: ProfilePath, query: RowFileQuery) -> Response:
    """All of them as CSV, however many there are."""
    asked = scope_of(path.profileId)
    pages = transactions.every(stores().database, asked, Filter.of(request.args))
    return streamed(asked, _COLUMNS, (_cells(row, asked) for page in pages for row in page), "transactions")


_COLUMNS = (
    "date", "time", "kind", "refund", "source", "status", "amount", "currency", "reporting_amount",
    "reporting_currency", "partner_amount", "description", "category", "payer", "country", "partner",
    "item", "external_id", "id",
)  # fmt: skip


def _cells(row: Movement, asked: Scope) -> Iterator[object]:
    """The cells of a row in the order of _COLUMNS."""
    shown = _movement(row, asked)
    shown["refund"] = str(row.is_refund).lower()
    plain = (
        "date",
        "timestamp",
        "kind",
        "refund",
        "source",
        "status",
        "amount",
        "currency",
        "reportingAmount",
    )
    yield from (shown[name] for name in plain)
    yield asked.currency
    yield shown["reportingPartner"]
    texts = ("itemName", "category", "counterpartyId", "country", "partnerId", "itemId", "externalId")
    yield from (text(shown[name] or "") for name in texts)
    yield shown["id"]


def _movement(row: Movement, asked: Scope) -> dict[str, Any]:
    def reported(amount: Any) -> str | None:
        return None if amount is None else money(amount, asked.currency)

    return {
        "id": str(row.transaction_id),
        "kind": row.kind,
        "refund": row.is_refund,
        "source": row.source,
        "status": row.status,
        "date": row.local_date.isoformat(),
        "timestamp": None if row.date_only else local(row.at, asked),
        "amount": money(row.amount, row.currency),
        "currency": row.currency,
        "reportingAmount": reported(row.reporting_amount),
        "reportingPartner": reported(row.reporting_partner),
        "refundedAmount": money(row.refunded_amount, row.currency),
        "itemId": row.item_id,
        "itemName": row.item_name,
        "category": row.category,
        "counterpartyId": row.counterparty_id,
        "country": row.country,
        "partnerId": row.partner_id,
        "externalId": row.external_id,
        "byHand": row.by_hand,
    }


def _grouped(values: Any) -> Any:
    """Gathers the sources, which sum to gross, under `bySource`, and what belongs to subscribers and to
    pricing under their names."""
    if values is None:
        return None
    grouped = {key for group in _GROUPS.values() for key in group.values()}
    rest = {key: value for key, value in values.items() if key not in grouped}
    groups = {name: {field: values[key] for field, key in group.items()} for name, group in _GROUPS.items()}
    return rest | groups
