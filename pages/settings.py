"""Settings: the profile, who may see it, what may write it, and what was imported."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from dash import (
    ALL,
    MATCH,
    Input,
    Output,
    State,
    callback,
    ctx,
    dcc,
    html,
    register_page,
    set_props,
)
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request

import session
from components.card import box, title
from components.frame import QUERY, TOASTS
from components.settings import (
    account,
    imports,
    leaving,
    members,
    place,
    privacy,
    profile,
    second_factor,
    tokens,
    tracker,
)
from components.toast import toast, trouble
from models import clock
from models.errors import AppError, NotFound
from pages import (
    NO_ACTION,
    acts,
    background,
    boxed,
    database,
    done,
    may_change,
    owned,
    reader,
    redraw,
    renamed,
    rights,
    scope_of,
)
from services import accounts, jobs, profiles
from services import second_factor as factor
from services import tokens as machine
from services.access import ADMIN
from services.imports import ledger
from services.jobs import CHANGE
from services.profiles import Profile
from services.retention import runs
from session import caller, origin, stores

register_page(
    __name__, path="/settings", name="Settings", title="Settings · Platform Analytics",
    order=90, group="Settings", icon="settings",
)  # fmt: skip

_log = logging.getLogger(__name__)
CARDS = tuple(
    f"settings-{part}"
    for part in (
        "place",
        "profile",
        "members",
        "account",
        "factor",
        "tokens",
        "imports",
        "tasks",
        "export",
        "delete",
    )
)
"""Those that are drawn again after a change."""
SEARCH = State("query", "data")


def changed(part: str) -> Input:
    """Rises with every change of a card, so that it is drawn again."""
    return Input(f"settings-{part}-changed", "data")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return html.Div(
        [
            *(dcc.Store(id=f"{card}-changed", data=0) for card in CARDS),
            dcc.Store(id="settings-asking"),
            dcc.Store(id="settings-leaving"),
            dcc.Store(id="settings-own"),
            dcc.Store(id="settings-seen"),
            dcc.Interval(id="settings-tick", interval=3_000, disabled=True),
            title(
                "Settings",
                html.P("This profile, who may see and feed it, and your account.", className="lead"),
            ),
            html.Div(
                [
                    html.Div(
                        [
                            box("settings-profile", 270),
                            box("settings-place", 181, phone=284),
                            box("settings-members", 231, phone=326),
                            html.Div(id="settings-members-secret", className="box span-12"),
                            box("settings-tokens", 394, phone=549),
                            html.Div(id="settings-tokens-secret", className="box span-12"),
                            box("settings-imports", 155),
                            box("settings-tasks", 155),
                            box("settings-privacy", 420, phone=560),
                            html.Div(id="settings-activity", className="box span-12"),
                        ],
                        className="column span-7",
                    ),
                    html.Div(
                        [
                            box("settings-account", 300),
                            box("settings-factor", 210),
                            box("settings-tracker", 371, phone=468),
                            box("settings-export", 160),
                            box("settings-visitor", 330, phone=420),
                            box("settings-delete", 150),
                        ],
                        className="column span-5",
                    ),
                ],
                className="grid",
            ),
        ]
    )


@callback(Output("settings-profile", "children"), QUERY, changed("profile"))
@boxed
def own_profile(search: str, changed: int) -> Component:
    """Name and own sites."""
    own = scope_of(search).profile
    return profile.profile(own, may_change(own))


@callback(Output("settings-place", "children"), QUERY, changed("place"))
@boxed
def where(search: str, changed: int) -> Component:
    """Zone and currency; while everything is counted again in others, how far that is."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        last = jobs.newest(tx, own.profile_id, CHANGE)
        first = profiles.first_day(tx, own.profile_id)
    return place.place(own, last, first is not None, reader(), may_change(own))


@callback(Output("settings-members", "children"), QUERY, changed("members"))
@boxed
def who(search: str, changed: int) -> Component:
    """Who may see the profile."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = accounts.members(tx, own.profile_id)
    return members.members(found, own, reader(), may_change(own))


@callback(Output("settings-account", "children"), QUERY, changed("account"))
@boxed
def own_account(search: str, changed: int) -> Component:
    """Who is signed in."""
    return account.account(caller().email or "")


@callback(Output("settings-factor", "children"), QUERY, changed("factor"))
@boxed
def second_step(search: str, changed: int) -> Component:
    """Whether signing in asks for a code."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = factor.status(tx, _own_account())
    return second_factor.second_factor(found, caller().email or "", own, reader())


@callback(Output("settings-tokens", "children"), QUERY, changed("tokens"))
@boxed
def machines(search: str, changed: int) -> Component:
    """What may read and write the profile by REST."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = machine.listing(tx, own.profile_id)
    return tokens.tokens(found, own, clock.now(), reader(), may_change(own))


@callback(Output("settings-imports", "children"), QUERY, changed("imports"), Input("settings-asking", "data"))
@boxed
def imported(search: str, changed: int, asking: str | None) -> Component:
    """What was imported."""
    own = scope_of(search).profile
    found = ledger.listing(database(), own.profile_id)
    return imports.imports(found, own, reader(), may_change(own), asking)


@callback(Output("settings-tracker", "children"), QUERY)
@boxed
def site(search: str) -> Component:
    """What to paste into the own site."""
    return tracker.tracker(scope_of(search).profile, request.host_url.rstrip("/"))


@callback(Output("settings-privacy", "children"), QUERY)
@boxed
def kept(search: str) -> Component:
    """What is kept how long, and what was done."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        newest, telling = runs.newest(tx, own.profile_id), runs.telling(tx, own.profile_id)
    return privacy.privacy(stores().periods, newest, telling, own, reader())


@callback(
    Output("settings-members-secret", "children"),
    Output("settings-tokens-secret", "children"),
    Output("settings-own", "data"),
    QUERY,
    State("settings-own", "data"),
)
def forget(search: str, before: str | None) -> tuple[None, None, str | None]:
    """What was shown once is gone with its profile."""
    try:
        own = str(scope_of(search).profile.profile_id)
    except AppError:
        own = None
    if own == before:
        raise PreventUpdate
    return None, None, own


@callback(
    Output({"settings": MATCH, "part": "problem"}, "children"),
    Input({"settings": MATCH, "part": "save"}, "n_clicks"),
    State({"settings": MATCH, "field": ALL}, "value"),
    State({"settings": MATCH, "field": ALL}, "id"),
    State({"settings": MATCH, "part": "profile"}, "data"),
    SEARCH,
    prevent_initial_call=True,
)
def save(
    clicks: int | None, values: Sequence[Any], ids: Sequence[dict[str, str]], about: str | None, search: str
) -> str | None:
    """Saves a form; what is wrong with it is said below it."""
    if not clicks:
        return None
    written = {one["field"]: value for one, value in zip(ids, values, strict=True)}
    try:
        if (form := ctx.triggered_id["settings"]) in _OWN:
            _OWN[form](written)
        else:
            own = owned(about or "", ADMIN)
            _SAVES[form](own, written)
            if form == profile.FORM:
                _stay(own, search)
    except AppError as error:
        return str(error)
    except Exception:
        _log.exception("A form of the settings could not be saved")
        set_props(TOASTS, trouble("That did not work. Nothing was changed; try again in a moment."))
    return None


@acts("settings")
def act(asked: Mapping[str, Any]) -> None:
    """What the buttons in the lists and in the toasts ask for."""
    if asked["do"] in ("ask", "keep"):
        set_props("settings-asking", {"data": asked["import"] if asked["do"] == "ask" else None})
        return
    if asked["do"] not in _ACTS:
        raise NotFound(NO_ACTION)
    _ACTS[asked["do"]](owned(asked["profile"], ADMIN), asked)


def _save_profile(own: Profile, written: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        profiles.edit(
            tx,
            own.profile_id,
            at=clock.now(),
            name=str(written["name"] or ""),
            own_hosts=[str(host) for host in written["hosts"] or ()],
        )
    renamed()
    back = {"do": "rename", "name": own.name, "hosts": list(own.own_hosts)}
    done("settings", own, "The profile is saved.", back)


def _rename(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        profiles.edit(tx, own.profile_id, at=clock.now(), name=asked["name"], own_hosts=asked["hosts"])
    renamed()
    redraw("settings-profile")
    done("settings", own, "Taken back.")


def _stay(own: Profile, search: str) -> None:
    """Names the profile in the URL, unless one stands there: the first by name may now be another."""
    given = dict(parse_qsl(search.lstrip("?")))
    if "profile" not in given:
        set_props("url", {"search": f"?{urlencode({**given, 'profile': own.profile_id})}"})


def _save_place(own: Profile, written: Mapping[str, Any]) -> None:
    zone, currency = str(written["zone"] or ""), str(written["currency"] or "")
    wanted = {"time_zone": zone, "currency": currency}
    job = jobs.edit(stores(), own.profile_id, asked_by=caller().called, at=clock.now(), **wanted)
    if job is None:
        renamed()
        redraw(*CARDS)
        done("settings", own, f"Days and sums are those of {place.words(zone, currency)}.")
    else:
        redraw("settings-place", "settings-tasks")


def _save_member(own: Profile, written: Mapping[str, Any]) -> None:
    email, role = str(written["email"] or ""), str(written["role"] or "")
    with database().transaction() as tx:
        member, password = accounts.invite(tx, own.profile_id, email, role, clock.now())
    back = {"do": "remove", "account": str(member.account_id)}
    redraw("settings-members")
    done("settings", own, f"{member.email} is a member now.", back)
    shown = members.password(member.email, password) if password else None
    set_props("settings-members-secret", {"children": shown})


def _set_role(own: Profile, asked: Mapping[str, Any]) -> None:
    account_id, role = UUID(asked["account"]), str(asked["role"])
    with database().transaction() as tx:
        was = accounts.member(tx, own.profile_id, account_id)
        accounts.grant(tx, account_id, own.profile_id, role, clock.now())
    back = {"do": "role", "account": asked["account"], "role": was.role}
    redraw("settings-members")
    done("settings", own, f"{was.email} is {members.ROLES[role].lower()} now.", _by_owner(account_id, back))


def _remove(own: Profile, asked: Mapping[str, Any]) -> None:
    account_id = UUID(asked["account"])
    with database().transaction() as tx:
        was = accounts.revoke(tx, own.profile_id, account_id)
    back = {"do": "readmit", "email": was.email, "role": was.role}
    redraw("settings-members")
    done("settings", own, f"{was.email} can't see this profile any more.", _by_owner(account_id, back))


def _readmit(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        account_id = accounts.find(tx, asked["email"]).account_id
        accounts.grant(tx, account_id, own.profile_id, asked["role"], clock.now())
    redraw("settings-members")
    done("settings", own, "Taken back.")


def _own_account() -> UUID:
    account_id = caller().account_id
    if account_id is None:
        raise NotFound("This needs an account; a token has none.")
    return account_id


def _save_password(written: Mapping[str, Any]) -> None:
    old, new = str(written["old"] or ""), str(written["new"] or "")
    session.begin(accounts.change_password(stores(), _own_account(), old, new, origin()))
    redraw("settings-account")
    set_props(TOASTS, toast("Your password is changed. All other browsers are signed out."))


def _begin_factor(written: Mapping[str, Any]) -> None:
    begun = factor.begin(stores(), _own_account(), str(written["password"] or ""), origin())
    set_props("settings-factor", {"children": second_factor.enrolment(begun)})


def _confirm_factor(written: Mapping[str, Any]) -> None:
    code = str(written["code"] or "")
    changed, codes = factor.enable(stores(), _own_account(), code, origin(), clock.now())
    session.begin(changed)
    set_props("settings-factor", {"children": second_factor.recovery(codes)})
    set_props(TOASTS, toast("The second step is on. All other browsers are signed out."))


def _renew_codes(written: Mapping[str, Any]) -> None:
    codes = factor.renew_codes(stores(), _own_account(), str(written["code"] or ""), origin(), clock.now())
    set_props("settings-factor", {"children": second_factor.recovery(codes)})


def _end_factor(written: Mapping[str, Any]) -> None:
    password, code = str(written["password"] or ""), str(written["code"] or "")
    session.begin(factor.disable(stores(), _own_account(), password, code, origin(), clock.now()))
    redraw("settings-factor")
    set_props(TOASTS, toast("The second step is off. All other browsers are signed out."))


def _save_token(own: Profile, written: Mapping[str, Any]) -> None:
    days = written["days"]
    with database().transaction() as tx:
        token, value = machine.make(
            tx,
            stores().keys.jwt,
            own.profile_id,
            str(written["label"] or ""),
            [str(scope) for scope in written["scopes"] or ()],
            days if isinstance(days, int) else 0,
            clock.now(),
        )
    redraw("settings-tokens")
    done("settings", own, f"Made the token {token.label}.")
    set_props("settings-tokens-secret", {"children": tokens.made(token, value)})


def _revoke(own: Profile, asked: Mapping[str, Any]) -> None:
    """Ends a token, or lets it hold again."""
    ends = asked["do"] == "revoke"
    with database().transaction() as tx:
        token = machine.revoke(tx, own.profile_id, UUID(asked["token"]), clock.now() if ends else None)
    back = {"do": "restore", "token": asked["token"]}
    said = f"Revoked the token {token.label}." if ends else "Taken back."
    redraw("settings-tokens")
    done("settings", own, said, back if ends else None)


def _undo_import(own: Profile, asked: Mapping[str, Any]) -> None:
    import_id = UUID(asked["import"])
    removed = reader().count(ledger.undo(database(), import_id, own.profile_id))
    name = imports.called(ledger.find(database(), import_id, own.profile_id))
    set_props("settings-asking", {"data": None})
    redraw("settings-imports")
    done("settings", own, f"Took back {removed} rows of {name}. Import it again to have them back.")


def _by_owner(account_id: UUID, back: dict[str, str]) -> dict[str, str] | None:
    """The way back, unless it is the own role that was given away."""
    return None if account_id == caller().account_id else back


_OWN = {
    account.FORM: _save_password,
    second_factor.BEGIN: _begin_factor,
    second_factor.CONFIRM: _confirm_factor,
    second_factor.CODES: _renew_codes,
    second_factor.OFF: _end_factor,
}
"""The forms of the own account, which are about no profile."""
_SAVES = {
    profile.FORM: _save_profile,
    place.FORM: _save_place,
    members.FORM: _save_member,
    tokens.FORM: _save_token,
    leaving.VISITOR: rights.look,
    leaving.DELETE: rights.delete,
}
_ACTS = {
    "rename": _rename,
    "role": _set_role,
    "remove": _remove,
    "readmit": _readmit,
    "revoke": _revoke,
    "restore": _revoke,
    "undo": _undo_import,
    "rebuild": background.rebuild,
    "cancel": background.cancel,
    "export": rights.ask_export,
    "leave": rights.ask_delete,
    "stay": rights.ask_delete,
    "forget": rights.forget,
}
