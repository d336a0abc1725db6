"""Revenue: what comes in, by source, less what was given back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import ALL, Input, Output, State, callback, ctx, dcc, html, register_page, set_props
from dash.development.base_component import Component

from components import (
    affiliate,
    breakdown,
    figure,
    form,
    income,
    lists,
    notices,
    pricing,
    refund,
    stat,
    subscriptions,
)
from components import transactions as rows
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY, VIEW
from components.headline import headline
from components.importer import opener
from components.waterfall import KEYS, waterfall
from models import clock
from models.database import Transaction
from models.errors import InvalidInput, NotFound
from models.ids import new_id
from pages import NO_ACTION, acts, boxed, database, done, owned, reader, redraw, scope_of, told
from services import metrics
from services import transactions as store
from services.access import EVENTS_WRITE
from services.ingest import revision
from services.ingest import transactions as ingest
from services.ingest.revision import Removed
from services.live.outbox import committing
from services.metrics.affiliate import programmes
from services.metrics.pnl import unconverted
from services.metrics.revenue import SOURCES
from services.profiles import Profile
from services.transactions import Filter, MovementKind
from session import caller, stores

register_page(
    __name__, path="/revenue", name="Revenue", title="Revenue · Platform Analytics",
    order=20, group="Money", icon="revenue", tab=True,
)  # fmt: skip

STATS = ("net", "gross", "refunds", "pending")
BARS = (*(Series(source, source) for source in SOURCES), Series("refunds", "quiet", less=True))
NOTHING = (
    "No revenue in this period",
    "Bookings, gifts, subscriptions and affiliate income appear here once they are sent or imported.",
)
NO_SOURCES = ("No revenue yet", "Bookings, gifts, subscriptions and affiliate income are compared here.")
FIND = "revenue-find"
BY_HAND = "by hand "
"""How the reference of a refund begins that was made here; others are not taken back here."""
CHANGED = Input("revenue-changed", "data")
"""Rises with every change, so that all boxes are drawn again."""
SEARCH = State("query", "data")
FIELDS = State({"income-form": ALL, "field": ALL}, "value")
IDS = State({"income-form": ALL, "field": ALL}, "id")
REFUND = State({"refund-form": ALL, "field": ALL}, "value")
REFUND_IDS = State({"refund-form": ALL, "field": ALL}, "id")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            dcc.Store(id="revenue-changed", data=0),
            dcc.Store(id="revenue-refunding"),
            title(
                "Revenue",
                html.Div(id="revenue-lead", className="lead-place"),
                [opener.button("transactions"), html.Span(id="revenue-add")],
            ),
            html.Div(
                [
                    opener.place("transactions"),
                    box("revenue-stats", 156, phone=322),
                    box("revenue-chart", 402, phone=438),
                    box("revenue-waterfall", 363, span=6),
                    box("revenue-sources", 363, phone=253, span=6),
                    box("revenue-pending", 150, span=4),
                    box("revenue-affiliate", 210, span=8),
                    box("revenue-subscriptions", 573, phone=751),
                    box("revenue-pricing", 573, phone=751),
                    box("revenue-adder", 178, phone=372),
                    lists.section(
                        "Sales and refunds",
                        lists.find(FIND, "Search the rows", query.get("q", "")),
                        box("revenue-rows", 1188, phone=2427),
                    ),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("revenue-lead", "children"), QUERY, CHANGED)
@boxed
def lead(search: str, changed: int) -> Component:
    """How net revenue went, and what made it."""
    report = metrics.report(database(), scope_of(search), ("net", *SOURCES))
    return headline(report, "net", reader(), parts=SOURCES)


@callback(Output("revenue-stats", "children"), QUERY, CHANGED)
@boxed
def stats(search: str, changed: int) -> list[Component | None]:
    """The numbers of the period, below what is in none of them for want of a rate."""
    scope, fmt = scope_of(search), reader()
    report = metrics.report(database(), scope, STATS)
    return [notices.unconverted(unconverted(database(), scope), fmt), stat.stats(report, STATS, fmt)]


@callback(Output("revenue-chart", "children"), QUERY, CHANGED)
@boxed
def course(search: str, changed: int) -> Component:
    """Revenue by source over time, refunds below zero."""
    report = metrics.report(database(), scope_of(search), ("gross", *SOURCES, "refunds"))
    return chart(figure.bars, report, BARS, "Revenue by source", reader(), ghost="gross", nothing=NOTHING)


@callback(Output("revenue-sources", "children"), QUERY, CHANGED)
@boxed
def sources(search: str, changed: int) -> Component:
    """Each source with its change."""
    report = metrics.report(database(), scope_of(search), ("gross", *SOURCES))

    def href(key: str) -> str:
        return rows.address(search, source=rows.OF_METRIC[key], kind="sale")

    return breakdown.parts(report, "gross", SOURCES, "By source", reader(), NO_SOURCES, href=href)


@callback(Output("revenue-waterfall", "children"), QUERY, CHANGED)
@boxed
def steps(search: str, changed: int) -> Component | None:
    """From gross revenue over refunds and platform fees to gross profit."""
    return waterfall(metrics.report(database(), scope_of(search), KEYS), reader())


@callback(Output("revenue-pending", "children"), QUERY, CHANGED)
@boxed
def pending(search: str, changed: int) -> Component | None:
    """What is announced and not completed."""
    scope = scope_of(search)
    with database().snapshot() as tx:
        totals = store.totals(tx, scope, Filter(kind=MovementKind.PENDING))
        oldest = store.oldest_pending(tx, scope)
    return rows.pending(totals, oldest, scope.currency, rows.address(search, kind="pending"), reader())


@callback(Output("revenue-affiliate", "children"), QUERY, CHANGED)
@boxed
def partners(search: str, changed: int) -> Component:
    """Affiliate income, by programme."""
    scope = scope_of(search)
    report = metrics.report(database(), scope, affiliate.KEYS)
    return affiliate.affiliate(report, programmes(database(), scope), reader())


@callback(Output("revenue-subscriptions", "children"), QUERY, CHANGED)
@boxed
def subscribers(search: str, changed: int) -> Component:
    """Who is subscribed, came and went."""
    report = metrics.report(database(), scope_of(search), subscriptions.KEYS)
    return subscriptions.subscriptions(report, reader())


@callback(Output("revenue-pricing", "children"), QUERY, CHANGED)
@boxed
def prices(search: str, changed: int) -> Component:
    """What a booking brings."""
    return pricing.pricing(metrics.report(database(), scope_of(search), pricing.KEYS), reader())


@callback(Output("revenue-adder", "children"), Output("revenue-add", "children"), QUERY)
@boxed
def adder(search: str) -> tuple[Component | None, Component | None]:
    """The form for income entered by hand and the way to it, for those who may add it."""
    profile = scope_of(search).profile
    may_write = caller().may(EVENTS_WRITE, profile.profile_id)
    return income.adder(profile, may_write), income.link("revenue-adder") if may_write else None


@callback(
    [Output({"income-form": income.NEW, "field": name}, "style") for name in income.OF_SOURCE],
    Input({"income-form": income.NEW, "field": "transaction_type"}, "value"),
    prevent_initial_call=True,
)
def fields(source: str | None) -> list[dict[str, str]]:
    """The fields that the chosen source has."""
    return income.shown(source)


@callback(
    Output("revenue-rows", "children"),
    VIEW,
    CHANGED,
    Input("revenue-refunding", "data"),
    State(FIND, "value"),
)
@boxed
def listed(search: str, changed: int, refunding: str | None, typed: str | None) -> Component:
    """A page of the rows behind the figures, the newest first."""
    scope, chosen, after = scope_of(search), Filter.of(lists.chosen(search)), rows.after(search)
    if lists.differs(typed, chosen.text):
        set_props(FIND, {"value": chosen.text or ""})
    with database().snapshot() as tx:
        page = store.listing(tx, scope, chosen, after, rows.PER_PAGE)
        totals = store.totals(tx, scope, chosen)
    may_write = caller().may(EVENTS_WRITE, scope.profile.profile_id)
    return rows.rows(rows.Rows(page, chosen, totals, after is None), reader(), may_write, refunding)


@callback(Input({"income-save": ALL}, "n_clicks"), FIELDS, IDS, SEARCH, prevent_initial_call=True)
@told
def save(clicks: Sequence[Any], values: Sequence[Any], ids: Sequence[Mapping[str, str]], search: str) -> None:
    """Adds the income that was written into the form."""
    if not ctx.triggered[0]["value"]:
        return
    name, fmt = ctx.triggered_id["income-save"], reader()
    profile = scope_of(search, write=EVENTS_WRITE).profile
    written = form.written(name, income.KIND, ids, values)
    try:
        given = income.read(written, profile, fmt)
        with committing(stores()) as tx:
            (sale_id,) = ingest.record(tx, profile, [given], clock.now(), pointer="", traced=True).ids
            row = store.get(tx, profile.profile_id, sale_id)
    except InvalidInput as error:
        set_props({"income-problem": name}, {"children": str(error)})
        return
    redraw("revenue")
    done("revenue", profile, f"Added {rows.words(row, fmt)}.", {"do": "remove", "sale": str(sale_id)})
    set_props("revenue-adder", {"children": income.adder(profile, True, written)})


@callback(Input({"refund-save": ALL}, "n_clicks"), REFUND, REFUND_IDS, SEARCH, prevent_initial_call=True)
@told
def give_back(
    clicks: Sequence[Any], values: Sequence[Any], ids: Sequence[Mapping[str, str]], search: str
) -> None:
    """Refunds a sale by what was written into the form below it."""
    if not ctx.triggered[0]["value"]:
        return
    key, fmt = ctx.triggered_id["refund-save"], reader()
    profile = scope_of(search, write=EVENTS_WRITE).profile
    reference = f"{BY_HAND}{new_id()}"
    try:
        with committing(stores()) as tx:
            row = store.get(tx, profile.profile_id, UUID(key))
            given = refund.read(form.written(key, refund.KIND, ids, values), row, profile, fmt)
            at = clock.now()
            ingest.refund(tx, profile, row.transaction_id, given.amount, given.day, reference, at)
    except InvalidInput as error:
        set_props({"refund-problem": key}, {"children": str(error)})
        return
    set_props("revenue-refunding", {"data": None})
    said = f"Refunded {fmt.money(given.amount, row.currency)} of {rows.words(row, fmt)}."
    redraw("revenue")
    done("revenue", profile, said, {"do": "keep", "sale": key, "reference": reference})


@acts("revenue")
def act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the table and in the toasts ask for."""
    if asked["do"] in ("open", "close"):
        set_props("revenue-refunding", {"data": asked.get("sale")})
        return
    profile = owned(asked["profile"], EVENTS_WRITE)
    with database().transaction() as tx:
        said, back = _change(tx, profile, asked)
    redraw("revenue")
    done("revenue", profile, said, back)


def _change(
    tx: Transaction, profile: Profile, asked: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any] | None]:
    """Makes the change; returns what to tell, and how to take it back. Raises NotFound and what the change
    itself raises."""
    do, at = asked["do"], clock.now()
    if do == "restore":
        revision.restore(tx, profile, Removed.model_validate(asked["was"]), at)
        return "Taken back.", None
    sale_id, fmt = UUID(asked["sale"]), reader()
    row = store.get(tx, profile.profile_id, sale_id)
    if do == "complete":
        revision.complete(tx, profile, sale_id, at)
        return f"Completed {rows.words(row, fmt)}.", {"do": "reopen", "sale": str(sale_id)}
    if do == "delete":
        was = revision.remove(tx, profile, sale_id, at)
        return f"Deleted {rows.words(row, fmt)}.", {"do": "restore", "was": was.model_dump(mode="json")}
    if do == "reopen":
        revision.reopen(tx, profile, sale_id, at)
    elif do == "keep" and str(asked["reference"]).startswith(BY_HAND):
        revision.take_refund_back(tx, profile, sale_id, asked["reference"], at)
    elif do == "remove":
        revision.remove(tx, profile, sale_id, at)
    else:
        raise NotFound(NO_ACTION)
    return "Taken back.", None
