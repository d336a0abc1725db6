"""Revenue for machines."""

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
    points,
    scope_of,
    totals,
)
from api.schemas import (
    Bucket,
    BySource,
    Compared,
    MoneyAnswer,
    Pricing,
    Subscribers,
    listed,
    with_figures,
)
from models.period import Granularity
from services.metrics import pricing, report, subscriptions
from services.metrics.revenue import SOURCES
from session import stores

blueprint = APIBlueprint("revenue", __name__, url_prefix="/revenue", abp_tags=[Tag(name="Revenue")])
TOTALS = ("gross", "refunds", "net", "pending", "sales", "partnerShare")
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


def _grouped(values: Any) -> Any:
    """Gathers the sources, which sum to gross, under `bySource`, and what belongs to subscribers and to
    pricing under their names."""
    if values is None:
        return None
    grouped = {key for group in _GROUPS.values() for key in group.values()}
    rest = {key: value for key, value in values.items() if key not in grouped}
    groups = {name: {field: values[key] for field, key in group.items()} for name, group in _GROUPS.items()}
    return rest | groups
