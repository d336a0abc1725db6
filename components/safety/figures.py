"""How many visits came from government networks, and of which kind."""

from collections.abc import Mapping
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components import stat
from components.card import card
from components.format import Format
from components.safety.alerts import kind_of
from services.metrics.report import Report

KEYS = ("govVisits",)


def figures(report: Report, kinds: Mapping[str | None, int], fmt: Format) -> Component:
    """The number of the period beside its kinds, the one with most first."""
    rows = [
        html.Li([html.P(kind_of(kind)), html.P(fmt.count(Decimal(many)), className="listing-number")])
        for kind, many in kinds.items()
    ]
    listing = html.Ul(rows, className="listing safety-kinds") if rows else None
    return card(None, *(stat.stat(report, key, fmt) for key in KEYS), listing, name="safety-figures")
