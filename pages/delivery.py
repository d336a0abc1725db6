"""Delivery: the part of the page Safety that says where alerts are sent, and what came of it; app.py
registers its callbacks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from dash import ALL, Dash, Input, Output, State, set_props
from dash.development.base_component import Component

from components import form as forms
from components.frame import QUERY
from components.safety import channels
from models import clock
from models.errors import Conflict, InvalidInput, NotFound
from pages import NO_ACTION, acts, boxed, database, done, owned, reader, redraw, scope_of, told
from services.access import ADMIN
from services.delivery import channels as ways
from services.delivery import queue, signing
from services.delivery.channels import Channel
from services.profiles import Profile
from session import caller, detecting, stores

SENT = Input("delivery-changed", "data")
"""Rises when a way for alerts changes, or something is sent again."""
TICK = Input("delivery-tick", "n_intervals")
STATE = Input("safety-state", "data")
"""Changes when alerts came (see pages/safety.py)."""


def register(app: Dash) -> None:
    """The callbacks of these cards; app.py asks for it, as this is no page of its own."""
    app.callback(Output("delivery-channels", "children"), QUERY, SENT)(outside)
    app.callback(Output("delivery-log", "children"), QUERY, STATE, SENT, TICK)(sent)
    app.callback(Output("delivery-secret", "children"), QUERY)(forget)
    app.callback(
        Input({"channel-save": ALL}, "n_clicks"),
        State({"channel-form": ALL, "field": ALL}, "value"),
        State({"channel-form": ALL, "field": ALL}, "id"),
        State("query", "data"),
        prevent_initial_call=True,
    )(add)


@boxed
def outside(search: str, changed: int) -> Component | None:
    """Where alerts are sent, for those who may change it."""
    own = scope_of(search).profile
    if not detecting() or not caller().may(ADMIN, own.profile_id):
        return None
    with database().transaction() as tx:
        found = ways.listing(tx, own.profile_id)
    return channels.channels(found, own, reader(), stores().outside.mail is not None, {})


@boxed
def sent(search: str, state: Any, changed: int, ticks: int | None) -> Component | None:
    """What was sent; it looks again for as long as an outcome is to be expected."""
    own, at = scope_of(search).profile, clock.now()
    if not detecting() or not caller().may(ADMIN, own.profile_id):
        return None
    with database().transaction() as tx:
        found = queue.listing(tx, own.profile_id)
    set_props("delivery-tick", {"disabled": not channels.is_soon(found, at)})
    return channels.log(found, own, reader(), at)


def forget(search: str) -> None:
    """What was shown once is gone with what it was shown for."""
    return


@told
def add(clicks: Sequence[Any], values: Sequence[Any], ids: Sequence[Mapping[str, str]], search: str) -> None:
    """Adds what stands in the form; what is wrong with it is said below it."""
    if not any(clicks):
        return
    own = scope_of(search, write=ADMIN).profile
    written = forms.written(channels.NEW, channels.KIND, ids, values)
    kind, target = (str(written.get(name) or "") for name in ("kind", "target"))
    try:
        with database().transaction() as tx:
            made = ways.add(tx, own.profile_id, kind, target, clock.now(), stores().outside)
    except (InvalidInput, Conflict) as error:
        set_props({"channel-problem": channels.NEW}, {"children": str(error)})
        return
    redraw("delivery")
    done(
        "delivery", own, f"Alerts go to {made.target} too.", {"do": "remove", "channel": str(made.channel_id)}
    )
    _show_secret(made)


@acts("delivery")
def act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the lists and in the toasts ask for."""
    if asked["do"] not in _ACTS:
        raise NotFound(NO_ACTION)
    _ACTS[asked["do"]](owned(asked["profile"], ADMIN), asked)
    redraw("delivery")


def _test(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        queue.enqueue_test(tx, own.profile_id, UUID(asked["channel"]), clock.now())
        target = ways.find(tx, own.profile_id, UUID(asked["channel"])).target
    done("delivery", own, f"A test is on its way to {target}.")


def _replay(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        queue.replay(tx, own.profile_id, UUID(asked["delivery"]), clock.now())
    done("delivery", own, "It is on its way again.")


def _remove(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        was = ways.remove(tx, own.profile_id, UUID(asked["channel"]), clock.now())
    set_props("delivery-secret", {"children": None})
    done(
        "delivery",
        own,
        f"Nothing is sent to {was.target} any more.",
        {"do": "restore", "channel": asked["channel"]},
    )


def _restore(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        ways.restore(tx, own.profile_id, UUID(asked["channel"]))
    done("delivery", own, "Taken back.")


def _start(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        found = ways.start(tx, own.profile_id, UUID(asked["channel"]))
    done("delivery", own, f"Alerts go to {found.target} again.")


def _renew(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        found = ways.renew(tx, own.profile_id, UUID(asked["channel"]))
    done("delivery", own, "The webhook has a new secret; the old one holds no more.")
    _show_secret(found)


def _show_secret(channel: Channel) -> None:
    if channel.salt is not None:
        value = signing.secret_of(stores().keys, channel.salt)
        set_props("delivery-secret", {"children": channels.made(channel, value)})


_ACTS: Mapping[str, Callable[[Profile, Mapping[str, Any]], None]] = {
    "test": _test,
    "replay": _replay,
    "remove": _remove,
    "restore": _restore,
    "start": _start,
    "renew": _renew,
}
