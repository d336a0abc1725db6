"""Costs: what is spent, added and changed in place; every change can be taken back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import ALL, Input, Output, State, callback, ctx, dcc, html, register_page, set_props
from dash.development.base_component import Component

from components import breakdown, costs, figure, lists, marketing, stat
from components import form as forms
from components.card import box, title
from components.chart import chart
from components.figure import Series
from components.frame import QUERY, TOASTS, VIEW
from components.headline import headline
from components.importer import opener
from components.toast import toast
from models import clock
from models.database import Transaction
from models.errors import InvalidInput, NotFound
from pages import NO_ACTION, acts, boxed, database, done, owned, reader, redraw, scope_of, told
from services import costs as store
from services import metrics
from services.access import COSTS_WRITE
from services.costs import CostEntry, Filter
from services.ingest.inputs import Cost
from services.metrics.costs import CATEGORY_METRICS
from services.metrics.marketing import by_channel
from services.profiles import Profile
from session import caller

register_page(
    __name__, path="/costs", name="Costs", title="Costs · Platform Analytics",
    order=25, group="Money", icon="costs", tab=True,
)  # fmt: skip

KINDS = tuple(CATEGORY_METRICS.values())
BARS = tuple(Series(kind, kind) for kind in KINDS)
NOTHING = ("No costs in this period", "What you enter is drawn here at once.")
NO_CATEGORIES = ("No costs yet", "What is spent most on stands here, with its change.")
FIND = "costs-find"
CHANGED = Input("costs-changed", "data")
"""Rises with every change, so that all boxes are drawn again."""
SEARCH = State("query", "data")
FIELDS = State({"cost-form": ALL, "field": ALL}, "value")
IDS = State({"cost-form": ALL, "field": ALL}, "id")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            dcc.Store(id="costs-changed", data=0),
            dcc.Store(id="costs-editing"),
            title("Costs", html.Div(id="costs-lead", className="lead-place"), opener.button("costs")),
            html.Div(
                [
                    opener.place("costs"),
                    box("costs-stats", 156, phone=464),
                    box("costs-adder", 134, phone=328),
                    box("costs-chart", 423, phone=438, span=7),
                    box("costs-categories", 423, phone=253, span=5),
                    box("costs-channels", 586, phone=623),
                    lists.section(
                        "Entries",
                        lists.find(FIND, "Search the entries", query.get("q", "")),
                        box("costs-entries", 1222, phone=2408),
                    ),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("costs-lead", "children"), QUERY, CHANGED)
@boxed
def lead(search: str, changed: int) -> Component:
    """How costs went, and what made them."""
    report = metrics.report(database(), scope_of(search), ("costs", *KINDS))
    return headline(report, "costs", reader(), parts=KINDS)


@callback(Output("costs-stats", "children"), QUERY, CHANGED)
@boxed
def stats(search: str, changed: int) -> Component:
    """The numbers of the period."""
    keys = ("costs", *KINDS)
    return stat.stats(metrics.report(database(), scope_of(search), keys), keys, reader())


@callback(Output("costs-chart", "children"), QUERY, CHANGED)
@boxed
def course(search: str, changed: int) -> Component:
    """Costs over time, a tone for each category."""
    report = metrics.report(database(), scope_of(search), ("costs", *KINDS))
    return chart(figure.bars, report, BARS, "Costs", reader(), ghost="costs", nothing=NOTHING)


@callback(Output("costs-categories", "children"), QUERY, CHANGED)
@boxed
def categories(search: str, changed: int) -> Component:
    """Each category with its share and its change."""
    report = metrics.report(database(), scope_of(search), ("costs", *KINDS))
    return breakdown.parts(report, "costs", KINDS, "By category", reader(), NO_CATEGORIES, head="Category")


@callback(Output("costs-channels", "children"), QUERY, CHANGED)
@boxed
def channels(search: str, changed: int) -> Component:
    """What each marketing channel costs, and whom it brings."""
    scope = scope_of(search)
    report = metrics.report(database(), scope, marketing.KEYS)
    return marketing.marketing(report, by_channel(database(), scope), reader())


@callback(Output("costs-adder", "children"), QUERY)
@boxed
def adder(search: str) -> Component | None:
    """The form for a new cost, for those who may add one."""
    profile = scope_of(search).profile
    return costs.adder(profile, caller().may(COSTS_WRITE, profile.profile_id), reader())


@callback(
    Output("costs-entries", "children"),
    VIEW,
    CHANGED,
    Input("costs-editing", "data"),
    State(FIND, "value"),
)
@boxed
def entries(search: str, changed: int, editing: str | None, typed: str | None) -> Component:
    """A page of the period's costs, the newest first; the one that is being edited as a form."""
    scope, after = scope_of(search), costs.after(search)
    own, chosen = scope.profile.profile_id, Filter.of(lists.chosen(search))
    if lists.differs(typed, chosen.text):
        set_props(FIND, {"value": chosen.text or ""})
    asked: Any = {"first": scope.period.first_begun, "last": scope.period.last, "chosen": chosen}
    with database().snapshot() as tx:
        found = store.listing(tx, own, **asked, after=after, limit=costs.PER_PAGE + 1)
        totals = store.totals(tx, own, **asked)
    rows, more = found[: costs.PER_PAGE], len(found) > costs.PER_PAGE
    page = costs.Page(rows, chosen, totals, after is None, more)
    return costs.entries(page, scope, reader(), editing, caller().may(COSTS_WRITE, own))


@callback(Input({"cost-save": ALL}, "n_clicks"), FIELDS, IDS, SEARCH, prevent_initial_call=True)
@told
def save(clicks: Sequence[Any], values: Sequence[Any], ids: Sequence[Mapping[str, str]], search: str) -> None:
    """Adds the cost of the form on top, or saves the row that is being edited."""
    if not ctx.triggered[0]["value"]:
        return
    form, fmt = ctx.triggered_id["cost-save"], reader()
    profile = scope_of(search, write=COSTS_WRITE).profile
    written = forms.written(form, "cost", ids, values)
    try:
        cost = costs.read(written, profile, fmt)
    except InvalidInput as error:
        set_props({"cost-problem": form}, {"children": str(error)})
        return
    back: dict[str, Any]
    with database().transaction() as tx:
        if form == costs.NEW:
            entry = store.add(tx, profile, cost, clock.now())
            said, back = "Added", {"do": "remove", "cost": str(entry.cost_id)}
        else:
            was = store.get(tx, {profile.profile_id}, UUID(form))
            entry = store.edit(tx, profile, UUID(form), cost, clock.now())
            said, back = "Saved", {"do": "edit", "cost": form, "was": costs.plain(was)}
    redraw("costs")
    done("costs", profile, f"{said} {costs.words(entry, fmt)}.", back)
    if form == costs.NEW:
        set_props("costs-adder", {"children": costs.adder(profile, True, fmt, written)})
    set_props("costs-editing", {"data": None})


@acts("costs")
def act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the table and in the toasts ask for."""
    if asked["do"] in ("open", "close"):
        set_props("costs-editing", {"data": asked.get("cost")})
        return
    profile = owned(asked["profile"], COSTS_WRITE)
    if asked["do"] == "repeat":
        with database().transaction() as tx:
            again = store.get(tx, {profile.profile_id}, UUID(asked["cost"]))
        set_props("costs-adder", {"children": costs.adder(profile, True, reader(), again=again)})
        set_props(TOASTS, toast(f"{again.description} stands in the form above, for today. Add it there."))
        return
    with database().transaction() as tx:
        was = _change(tx, profile, asked)
    redraw("costs")
    if asked["do"] == "delete":
        back = {"do": "add", "cost": str(was.cost_id), "was": costs.plain(was)}
        done("costs", profile, f"Deleted {costs.words(was, reader())}.", back)
    else:
        done("costs", profile, "Taken back.")


def _change(tx: Transaction, profile: Profile, asked: Mapping[str, Any]) -> CostEntry:
    do, cost_id = asked["do"], UUID(asked["cost"])
    if do in ("delete", "remove"):
        return store.remove(tx, profile.profile_id, cost_id)
    if do == "edit":
        return store.edit(tx, profile, cost_id, Cost.model_validate(asked["was"]), clock.now())
    if do == "add":
        cost = Cost.model_validate(asked["was"]).model_copy(update={"id": cost_id})
        return store.add(tx, profile, cost, clock.now())
    raise NotFound(NO_ACTION)
