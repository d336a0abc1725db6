"""Affiliate income on a card: what it brings, and which programme."""

from dash.development.base_component import Component

from components import breakdown, stat
from components.card import card, empty
from components.format import Format
from services.metrics.breakdown import Breakdown
from services.metrics.report import Report

KEYS = ("affiliate", "affiliateSales")
"""What the report has to hold."""
_NOTHING = ("No affiliate income in this period", "What programmes pay you appears here, by programme.")


def affiliate(report: Report, programmes: Breakdown, fmt: Format) -> Component:
    """The two figures, above a row for each programme where they have names."""
    if not any(report[key].total or report[key].before for key in KEYS):
        return card("Affiliate", empty(*_NOTHING), name="list-card")
    named = any(row.key for row in programmes.rows)
    return card(
        "Affiliate",
        stat.inner(report, KEYS, fmt),
        breakdown.table(
            programmes, "Affiliate by programme", "Programme", fmt, ink="affiliate", name=_programme
        )
        if named
        else None,
        name="list-card",
    )


def _programme(name: str) -> str:
    return name or "No programme named"
