"""P&L: the profit-and-loss statement, ready to be handed over."""

from typing import Any

from dash import Output, callback, html, register_page
from dash.development.base_component import Component

from components.card import attributes, box, icon, title
from components.export import export_link
from components.frame import QUERY
from components.headline import headline
from components.statement import paper
from pages import boxed, database, reader, scope_of
from services import metrics
from services.metrics import pnl
from services.metrics.revenue import SOURCES
from services.scope import Scope

USUAL = {"period": "12m", "granularity": "month"}

register_page(
    __name__, path="/pnl", name="P&L", title="Profit and loss · Platform Analytics",
    order=29, group="Money", icon="pnl", period=USUAL["period"],
)  # fmt: skip


def layout(**query: Any) -> Component:
    """The page without its data."""
    printing = html.Button(
        [icon("print"), "Print"], type="button", className="button", **attributes(data_print="")
    )
    return html.Div(
        [
            title(
                "Profit and loss",
                html.Div(id="pnl-lead", className="lead-place"),
                [printing, html.Span(id="pnl-export")],
            ),
            html.Div(box("pnl-statement", 1020, phone=1191), className="grid"),
        ]
    )


@callback(Output("pnl-lead", "children"), QUERY)
@boxed
def lead(search: str) -> Component:
    """How net profit went, and what made it."""
    report = metrics.report(database(), _scope(search), ("netProfit", *SOURCES))
    return headline(report, "netProfit", reader(), parts=SOURCES)


@callback(Output("pnl-export", "children"), QUERY)
@boxed
def export(search: str) -> Component:
    """The same statement as CSV."""
    scope = _scope(search)
    return export_link(
        scope,
        "/api/pnl/{}/export",
        "Export CSV",
        granularity=scope.granularity,
        compare=scope.comparison,
    )


@callback(Output("pnl-statement", "children"), QUERY)
@boxed
def whole(search: str) -> Component:
    """The statement, what it leaves out, and the rates it used."""
    return paper(pnl.statement(database(), _scope(search)), reader())


def _scope(search: str) -> Scope:
    return scope_of(search, USUAL)
