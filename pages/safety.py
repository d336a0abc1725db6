"""Safety: visits from government networks, as they happen, and what is known of them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from dash import Input, Output, State, callback, dcc, html, no_update, register_page
from dash.development.base_component import Component

from components import lists
from components.card import box, title
from components.frame import LIVE, QUERY, VIEW
from components.safety import about, alerts, badge, figures
from models import clock
from models.errors import AppError, NotFound
from pages import (
    NO_ACTION,
    acts,
    boxed,
    database,
    done,
    owned,
    profile_of,
    reader,
    redraw,
    scope_of,
)  # fmt: skip
from services import metrics
from services.access import ADMIN
from services.alerts import inbox, mutes
from services.alerts.inbox import Place
from services.live.outbox import committing, touch
from services.metrics import safety as figures_of
from services.profiles import Profile
from session import caller, detecting, detector, stores

register_page(
    __name__, path="/safety", name="Safety", title="Safety · Platform Analytics",
    order=60, group="Safety", icon="safety", count="safety",
)  # fmt: skip

STATE = Input("safety-state", "data")
"""Changes when alerts came, were seen, or a network was muted; on every page."""
BADGES = tuple(Output(f"safety-count-{place}", "children") for place in ("link", "more", "menu"))


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            dcc.Store(id="delivery-changed", data=0),
            dcc.Interval(id="delivery-tick", interval=1_500, disabled=True),
            title(
                "Safety",
                html.P("Who looked at this profile from the network of a government.", className="lead"),
            ),
            html.Div(
                [
                    html.Div(
                        [
                            box("safety-figures", 140),
                            box("safety-alerts", 420, phone=520),
                            html.Div(id="delivery-log", className="box span-12"),
                        ],
                        className="column span-7",
                    ),
                    html.Div(
                        [
                            box("safety-about", 330),
                            html.Div(id="safety-muted", className="box span-12"),
                            html.Div(id="delivery-channels", className="box span-12"),
                            html.Div(id="delivery-secret", className="box span-12"),
                        ],
                        className="column span-5",
                    ),
                ],
                className="grid",
            ),
        ]
    )


@callback(
    Output("safety-state", "data"),
    *BADGES,
    QUERY,
    LIVE,
    Input("safety-changed", "data"),
    State("safety-state", "data"),
)
def count(search: str, live: Any, changed: Any, before: Any) -> Any:
    """How many alerts are new, on every page; whoever has no profile sees none."""
    try:
        own = profile_of(lists.chosen(search)).profile_id if detecting() else None
    except AppError:
        own = None
    if own is None:
        return [None] * (1 + len(BADGES))
    with database().transaction() as tx:
        found = inbox.state(tx, own)
    state = {"profile": str(own), **found}
    if state == before:
        return [no_update] * (1 + len(BADGES))
    return [state, *(badge.badge(found["unseen"]) for _ in BADGES)]


@callback(Output("safety-figures", "children"), QUERY, STATE)
@boxed
def numbers(search: str, state: Any) -> Component | None:
    """How many, and of which kind."""
    scope = scope_of(search)
    if not detecting():
        return about.off()
    report = metrics.report(database(), scope, figures.KEYS)
    return figures.figures(report, figures_of.by_kind(database(), scope), reader())


@callback(Output("safety-alerts", "children"), VIEW, STATE)
@boxed
def newest(search: str, state: Any) -> Component | None:
    """A page of the alerts."""
    own = scope_of(search).profile
    if not detecting():
        return None
    given = lists.chosen(search)
    only_new, after = given.get("show") == alerts.ONLY_NEW, _place(given.get("cursor"))
    with database().snapshot() as tx:
        found = inbox.listing(
            tx, own.profile_id, only_unseen=only_new, after=after, limit=alerts.PER_PAGE + 1
        )
        unseen = inbox.unseen(tx, own.profile_id)
    page = found[: alerts.PER_PAGE]
    last = page[-1].place if len(found) > alerts.PER_PAGE else None
    return alerts.alerts(
        page,
        unseen,
        own,
        reader(),
        only_new=only_new,
        first=after is None,
        after=f"{last.timestamp.isoformat()}_{last.alert_id}" if last else None,
        may_change=caller().may(ADMIN, own.profile_id),
    )


@callback(Output("safety-muted", "children"), QUERY, STATE)
@boxed
def quiet(search: str, state: Any) -> Component | None:
    """The networks that raise no alerts."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = mutes.listing(tx, own.profile_id) if detecting() else []
    return alerts.muted(found, own, reader(), caller().may(ADMIN, own.profile_id))


@callback(Output("safety-about", "children"), QUERY)
@boxed
def known(search: str) -> Component | None:
    """What an alert means, and what it rests on."""
    own = scope_of(search).profile
    if not detecting():
        return None
    judge = detector()
    return about.about(judge.states, judge.lists.version, judge.threshold, own, clock.now(), reader())


@acts("safety")
def act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the lists and in the toasts ask for."""
    if asked["do"] not in _ACTS:
        raise NotFound(NO_ACTION)
    own = owned(asked["profile"], ADMIN)
    _ACTS[asked["do"]](own, asked)
    redraw("safety")


def _see(own: Profile, asked: Mapping[str, Any]) -> None:
    """Acknowledges one alert, or all."""
    at = clock.now()
    these = [UUID(asked["alert"])] if "alert" in asked else None
    with committing(stores()) as tx:
        many = inbox.acknowledge(tx, own.profile_id, at, these)
        touch(tx, own.profile_id)
    said = "1 alert is acknowledged." if many == 1 else f"{reader().count(many)} alerts are acknowledged."
    done("safety", own, said, {"do": "forget", "seen": at.isoformat()})


def _forget(own: Profile, asked: Mapping[str, Any]) -> None:
    with committing(stores()) as tx:
        inbox.forget(tx, own.profile_id, datetime.fromisoformat(asked["seen"]))
        touch(tx, own.profile_id)
    done("safety", own, "Taken back.")


def _mute(own: Profile, asked: Mapping[str, Any]) -> None:
    with committing(stores()) as tx:
        muted = mutes.mute(tx, own.profile_id, UUID(asked["alert"]), clock.now())
        touch(tx, own.profile_id)
    name = alerts.network(muted.organization, muted.asn)
    done(
        "safety",
        own,
        f"{name} raises no alerts any more.",
        {"do": "unmute", "network": str(muted.network_id)},
    )


def _unmute(own: Profile, asked: Mapping[str, Any]) -> None:
    with committing(stores()) as tx:
        muted = mutes.unmute(tx, own.profile_id, UUID(asked["network"]))
        touch(tx, own.profile_id)
    done("safety", own, f"{alerts.network(muted.organization, muted.asn)} raises alerts again.")


def _place(cursor: str | None) -> Place | None:
    """Where a page begins; the first one, when it does not come from here."""
    return Place.read(cursor.split("_")) if cursor else None


_ACTS: Mapping[str, Callable[[Profile, Mapping[str, Any]], None]] = {
    "see": _see,
    "forget": _forget,
    "mute": _mute,
    "unmute": _unmute,
}
