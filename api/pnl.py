"""The profit-and-loss statement for machines, as JSON and as CSV."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.answers import (
    CSV_FILE,
    ExportQuery,
    ProfilePath,
    ScopeQuery,
    bucket_of,
    envelope,
    exported,
    period_of,
    scope_of,
    totals,
)
from api.schemas import BySource, Column, Compared, Line, MoneyAnswer, Rate, Unconverted, with_figures
from models.period import Granularity
from services.metrics.encode import money, plain
from services.metrics.pnl import KEYS, statement
from services.metrics.revenue import SOURCES
from session import stores

blueprint = APIBlueprint("pnl", __name__, url_prefix="/pnl", abp_tags=[Tag(name="Profit and loss")])

Statement = with_figures(
    "Statement",
    MoneyAnswer,
    [key for key in KEYS if key not in SOURCES],
    granularity=Granularity,
    bySource=BySource,
    columns=list[Column],
    lines=list[Line],
    comparison=Compared | None,
    rates=list[Rate],
    unconverted=list[Unconverted],
)


@blueprint.get("/<uuid:profileId>", responses={200: Statement})
def profit_and_loss(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """The statement: lines over the buckets, with a total and the compared period beside it."""
    asked = scope_of(path.profileId)
    found = statement(stores().database, asked)
    figures, currency = found.report, asked.currency
    return envelope(
        asked,
        currency=currency,
        granularity=asked.granularity,
        **totals(figures, [key for key in KEYS if key not in SOURCES]),
        bySource=totals(figures, SOURCES),
        columns=[
            {**bucket_of(bucket, asked), "from": bucket.first.isoformat(), "to": bucket.last.isoformat()}
            for bucket in figures.buckets
        ],
        lines=[
            {
                "key": line.key,
                "label": line.label,
                "row": line.row,
                "less": line.less,
                "unit": line.figure.metric.unit,
                "values": [plain(line.figure.metric, value, currency) for value in line.figure.points],
                "total": plain(line.figure.metric, line.figure.total, currency),
                "before": plain(line.figure.metric, line.figure.before, currency),
            }
            for line in found.lines
        ],
        comparison={"period": period_of(figures.compared)} if figures.compared else None,
        rates=[
            {
                "currency": rate.currency,
                "low": f"{rate.low.normalize():f}",
                "high": f"{rate.high.normalize():f}",
                "from": rate.first.isoformat(),
                "to": rate.last.isoformat(),
                "rows": rate.rows,
            }
            for rate in found.rates
        ],
        unconverted=[
            {
                "what": each.what,
                "currency": each.currency,
                "amount": money(each.amount, each.currency),
                "rows": each.rows,
            }
            for each in found.unconverted
        ],
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same statement as CSV."""
    return exported(path.profileId, KEYS, "profit-and-loss")
