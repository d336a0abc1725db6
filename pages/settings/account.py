"""Settings, Account: who is signed in, and how."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dash import Output, callback, register_page, set_props
from dash.development.base_component import Component

import session
from components.card import box
from components.frame import QUERY, TOASTS
from components.settings import account, second_factor
from components.settings.sections import PATH
from components.toast import toast
from models import clock
from models.errors import NotFound
from pages import boxed, database, reader, redraw, scope_of
from pages.settings import changed, saves_own, settings
from services import accounts
from services import second_factor as factor
from session import caller, origin, stores

HERE = f"{PATH}/account"

register_page(__name__, path=HERE, name="Account", title="Account · Settings · Platform Analytics")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(
        HERE,
        query,
        "How you sign in, to every profile.",
        [box("settings-account", 300)],
        [box("settings-factor", 210)],
    )


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


@saves_own(account.FORM)
def _save_password(written: Mapping[str, Any]) -> None:
    old, new = str(written["old"] or ""), str(written["new"] or "")
    session.begin(accounts.change_password(stores(), _own_account(), old, new, origin()))
    redraw("settings-account")
    set_props(TOASTS, toast("Your password is changed. All other browsers are signed out."))


@saves_own(second_factor.BEGIN)
def _begin_factor(written: Mapping[str, Any]) -> None:
    begun = factor.begin(stores(), _own_account(), str(written["password"] or ""), origin())
    set_props("settings-factor", {"children": second_factor.enrolment(begun)})


@saves_own(second_factor.CONFIRM)
def _confirm_factor(written: Mapping[str, Any]) -> None:
    code = str(written["code"] or "")
    changed, codes = factor.enable(stores(), _own_account(), code, origin(), clock.now())
    session.begin(changed)
    set_props("settings-factor", {"children": second_factor.recovery(codes)})
    set_props(TOASTS, toast("The second step is on. All other browsers are signed out."))


@saves_own(second_factor.CODES)
def _renew_codes(written: Mapping[str, Any]) -> None:
    codes = factor.renew_codes(stores(), _own_account(), str(written["code"] or ""), origin(), clock.now())
    set_props("settings-factor", {"children": second_factor.recovery(codes)})


@saves_own(second_factor.OFF)
def _end_factor(written: Mapping[str, Any]) -> None:
    password, code = str(written["password"] or ""), str(written["code"] or "")
    session.begin(factor.disable(stores(), _own_account(), password, code, origin(), clock.now()))
    redraw("settings-factor")
    set_props(TOASTS, toast("The second step is off. All other browsers are signed out."))


def _own_account() -> UUID:
    account_id = caller().account_id
    if account_id is None:
        raise NotFound("This needs an account; a token has none.")
    return account_id
