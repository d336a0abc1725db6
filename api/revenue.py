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
from api.schemas import Bucket, BySource, Compared, MoneyAnswer, listed, with_figures
from models.period import Granularity
from services.metrics import report
from services.metrics.revenue import SOURCES
from session import stores

blueprint = APIBlueprint("revenue", __name__, url_prefix="/revenue", abp_tags=[Tag(name="Revenue")])
TOTALS = ("gross", "refunds", "net", "pending", "sales", "partnerShare")
FIGURES = (*TOTALS, *SOURCES)
Before = with_figures("RevenueBefore", Compared, TOTALS, bySource=BySource)
Summary = with_figures("RevenueSummary", MoneyAnswer, TOTALS, bySource=BySource, comparison=Before | None)
Point = with_figures("RevenuePoint", Bucket, TOTALS, bySource=BySource)
Series = with_figures("RevenueSeries", MoneyAnswer, (), granularity=Granularity, points=listed(Point))


@blueprint.get("/<uuid:profileId>/summary", responses={200: Summary})
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """What was earned in the period, and from what."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, FIGURES)
    return envelope(
        asked,
        currency=asked.currency,
        **_by_source(totals(figures, FIGURES)),
        comparison=_by_source(comparison(figures, FIGURES)),
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
        points=[_by_source(point) for point in points(figures, FIGURES)],
    )


def _by_source(values: Any) -> Any:
    """Gathers the sources, which sum to gross, under `bySource`."""
    if values is None:
        return None
    rest = {key: value for key, value in values.items() if key not in SOURCES}
    return rest | {"bySource": {source: values[source] for source in SOURCES}}
