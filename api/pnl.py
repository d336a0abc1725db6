"""The profit-and-loss statement for machines, as JSON and as CSV."""

from typing import Any, Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.answers import ProfilePath, ScopeQuery, bucket_of, envelope, period_of, scope_of, totals
from api.schemas import BySource, Column, Compared, Line, MoneyAnswer, Rate, Unconverted, with_figures
from models.period import Granularity
from services.export import statement_csv
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

_FILE = {
    "description": "A row for each line, a column for each bucket",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


class ExportQuery(ScopeQuery):
    """The statement as a file."""

    format: Literal["csv"] = "csv"


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


@blueprint.get("/<uuid:profileId>/export", responses={200: _FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same statement as CSV."""
    asked = scope_of(path.profileId)
    content = statement_csv(statement(stores().database, asked))
    name = f"profit-and-loss-{asked.period.first}-{asked.period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)
