"""Settings, Connections: the tokens by which scripts and services read and write the profile."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dash import Output, State, callback, dcc, html, register_page, set_props
from dash.development.base_component import Component

from components.card import box
from components.frame import QUERY
from components.settings import connecting, tokens
from components.settings.sections import PATH
from models import clock
from pages import boxed, database, done, may_change, reader, redraw, scope_of
from pages.settings import changed, does, forgotten, saves, settings
from services import tokens as machine
from services.profiles import Profile
from session import stores

HERE = f"{PATH}/connections"

register_page(__name__, path=HERE, name="Connections", title="Connections · Settings · Platform Analytics")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(
        HERE,
        query,
        "What reads and feeds this profile.",
        [
            box("settings-tokens", 394, phone=549),
            html.Div(id="settings-tokens-secret", className="box span-12"),
        ],
        [html.Div(connecting.ways(), className="box span-12"), dcc.Store(id="settings-tokens-own")],
    )


@callback(Output("settings-tokens", "children"), QUERY, changed("tokens"))
@boxed
def machines(search: str, changed: int) -> Component:
    """What may read and write the profile by REST."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = machine.listing(tx, own.profile_id)
    return tokens.tokens(found, own, clock.now(), reader(), may_change(own))


@callback(
    Output("settings-tokens-secret", "children"),
    Output("settings-tokens-own", "data"),
    QUERY,
    State("settings-tokens-own", "data"),
)
def forget(search: str, before: str | None) -> tuple[None, str | None]:
    """The token that was shown once is gone with its profile."""
    return forgotten(search, before)


@saves(tokens.FORM)
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


@does("revoke", "restore")
def _revoke(own: Profile, asked: Mapping[str, Any]) -> None:
    """Ends a token, or lets it hold again."""
    ends = asked["do"] == "revoke"
    with database().transaction() as tx:
        token = machine.revoke(tx, own.profile_id, UUID(asked["token"]), clock.now() if ends else None)
    back = {"do": "restore", "token": asked["token"]}
    said = f"Revoked the token {token.label}." if ends else "Taken back."
    redraw("settings-tokens")
    done("settings", own, said, back if ends else None)
