"""Tokens: how scripts and services read and write the profile."""

from collections.abc import Sequence
from datetime import datetime

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components.card import card, empty
from components.format import Format
from components.settings.parts import act, entries, entry, field, form, secret
from services.access import ADMIN, COSTS_WRITE, EVENTS_WRITE, READ
from services.profiles import Profile
from services.tokens import Token

FORM = "token"
SCOPES = {
    READ: "Read figures",
    COSTS_WRITE: "Write costs",
    EVENTS_WRITE: "Send events and income",
    ADMIN: "Change the profile",
}


def tokens(
    found: Sequence[Token], profile: Profile, at: datetime, fmt: Format, may_change: bool
) -> Component:
    """The card with the tokens, the newest first; `at` is the instant of the question."""
    note = ["A script or service sends one with each request: ", html.Code("Authorization: Bearer TOKEN")]
    lines = [
        entry(
            token.label,
            _note(token, profile, fmt),
            _actions(token, at) if may_change else (),
            _ended(token, at),
        )
        for token in found
    ]
    how = "Make one below; it is shown once." if may_change else "An owner can make one."
    listed = entries(lines) if lines else empty("No tokens yet", how)
    return card("Tokens", listed, _form(profile) if may_change else None, note=note)


def made(token: Token, value: str) -> Component:
    """A new token, shown this once."""
    note = "Copy it now; it is stored nowhere and not shown again."
    return secret(f"The token {token.label}", "Token", value, note)


def _note(token: Token, profile: Profile, fmt: Format) -> str:
    scopes = ", ".join(SCOPES[scope].lower() for scope in token.scopes)
    made, ends = (profile.local_date(each) for each in (token.created_at, token.expires_at))
    return f"May {scopes} · made {fmt.day(made)} · ends {fmt.day(ends)}"


def _ended(token: Token, at: datetime) -> str:
    if token.revoked_at is not None:
        return "Revoked"
    return "Ended" if token.expires_at <= at else ""


def _actions(token: Token, at: datetime) -> list[Component]:
    if _ended(token, at):
        return []
    asked = {"do": "revoke", "profile": str(token.profile_id), "token": str(token.token_id)}
    return [act("Revoke", token.label, asked)]


def _form(profile: Profile) -> Component:
    boxes = [dmc.Checkbox(value=scope, label=label, size="sm") for scope, label in SCOPES.items()]
    fields = [
        dmc.TextInput(
            id=field(FORM, "label"), label="Label", placeholder="What it is for", size="sm", className="wide"
        ),
        dmc.NumberInput(
            id=field(FORM, "days"),
            label="Days",
            value=90,
            min=1,
            max=3650,
            allowDecimal=False,
            size="sm",
            className="narrow",
        ),
        dmc.CheckboxGroup(
            dmc.Group(boxes, gap="md"),
            id=field(FORM, "scopes"),
            label="It may",
            value=[READ],
            size="sm",
            className="whole",
        ),
    ]
    return form(FORM, fields, "Make token", "plus", profile)
