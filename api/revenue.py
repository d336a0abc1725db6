"""Revenue for machines."""

from typing import Any

from flask_openapi3 import APIBlueprint, Tag

from api.answers import ProfilePath, ScopeQuery, comparison, envelope, points, scope_of, totals
from services.metrics import report
from services.metrics.revenue import SOURCES
from session import stores

blueprint = APIBlueprint("revenue", __name__, url_prefix="/revenue", abp_tags=[Tag(name="Revenue")])
SUMMARY = ("gross", "refunds", "net", "pending", *SOURCES)


@blueprint.get("/<profileId>/summary")
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """What was earned in the period, and from what."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SUMMARY)
    return envelope(
        asked,
        currency=asked.currency,
        **_by_source(totals(figures, SUMMARY)),
        comparison=_by_source(comparison(figures, SUMMARY)),
    )


@blueprint.get("/<profileId>/timeseries")
def timeseries(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """The same by bucket."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SUMMARY)
    return envelope(
        asked,
        currency=asked.currency,
        granularity=asked.granularity,
        points=[_by_source(point) for point in points(figures, SUMMARY)],
    )


def _by_source(values: Any) -> Any:
    """Gathers the sources, which sum to gross, under `bySource`."""
    if values is None:
        return None
    rest = {key: value for key, value in values.items() if key not in SOURCES}
    return rest | {"bySource": {source: values[source] for source in SOURCES}}
