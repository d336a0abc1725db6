"""The own account: its e-mail and password."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components.card import card, icon
from components.settings.parts import field, form
from services.accounts import SHORTEST_PASSWORD

FORM = "password"


def account(email: str) -> Component:
    """The card with the form that changes the password."""
    fields = [
        # Never seen: it tells browsers whose password they keep.
        dmc.TextInput(value=email, autoComplete="username", readOnly=True, style={"display": "none"}),
        _password("old", "Old password", "current-password"),
        _password(
            "new",
            "New password",
            "new-password",
            f"At least {SHORTEST_PASSWORD} characters. All other browsers are signed out; this one goes on.",
        ),
    ]
    return card(
        "Your account",
        # A form, so that browsers offer to keep the password; with two fields, Enter does not send it.
        html.Form(form(FORM, fields, "Change password")),
        html.Form(
            html.Div(
                html.Button(
                    [icon("leave"), "Sign out everywhere"],
                    name="everywhere",
                    value="yes",
                    type="submit",
                    className="button",
                ),
                className="form-buttons",
            ),
            action="/sign-out",
            method="POST",
        ),
        note=email,
    )


def _password(name: str, label: str, complete: str, description: str | None = None) -> Component:
    written: Component = dmc.PasswordInput(
        id=field(FORM, name),
        label=label,
        description=description,
        autoComplete=complete,
        size="sm",
        className="whole",
        visibilityToggleButtonProps={"aria-label": f"Show or hide the {label.lower()}", "tabIndex": 0},
    )
    return written
