"""The second step of signing in: turned on with an authenticator app, kept, and turned off."""

import dash_mantine_components as dmc
import segno
from dash import html
from dash.development.base_component import Component

from components.card import card
from components.format import Format
from components.settings.parts import copyable, field, form
from services.profiles import Profile
from services.second_factor import Enrolment, Status

BEGIN, CONFIRM, OFF, CODES = "factor-begin", "factor-confirm", "factor-off", "factor-codes"
TITLE = "Second step at sign-in"


def second_factor(found: Status | None, email: str, profile: Profile, fmt: Format) -> Component:
    """The card of an account where it is off (None) or on; its days are those of the profile."""
    if found is None:
        why = "Besides your password, signing in asks for a code that only your phone can make."
        return card(TITLE, html.Form(form(BEGIN, _password(BEGIN, email), "Turn on", "safety")), note=why)
    since = fmt.day(profile.local_date(found.enabled_at))
    left = f"{fmt.count(found.codes_left)} recovery {'code' if found.codes_left == 1 else 'codes'} left"
    return card(
        TITLE,
        _fold("New recovery codes", form(CODES, [_code(CODES)], "Make new codes", "repeat")),
        _fold("Turn off", html.Form(form(OFF, [*_password(OFF, email), _code(OFF)], "Turn off", "close"))),
        note=f"On since {since} · {left}",
    )


def enrolment(found: Enrolment) -> Component:
    """The card with what the app is given, and the form that confirms it."""
    return card(
        TITLE,
        html.Div(
            [
                html.Img(
                    src=_drawn(found.uri), alt="QR code for your authenticator app", className="factor-qr"
                ),
                html.P(
                    "Scan this with an authenticator app, or type the key into it:", className="card-note"
                ),
                copyable(" ".join(found.key[at : at + 4] for at in range(0, len(found.key), 4)), "Key"),
            ],
            className="factor-key",
        ),
        form(CONFIRM, [_code(CONFIRM, "The six digits that the app shows now.")], "Confirm"),
        note="It is on once you have typed in the first code. All other browsers are signed out then.",
    )


def recovery(codes: list[str]) -> Component:
    """The card with the recovery codes, shown this once."""
    return html.Section(
        [
            html.H2("Your recovery codes", className="card-title"),
            html.P(
                "Each signs you in once when your phone is away. Keep them where your passwords are; they "
                "are not shown again.",
                className="card-note",
            ),
            html.Div(copyable("\n".join(codes), "Recovery codes"), className="factor-codes"),
        ],
        className="card secret",
        role="status",
    )


def _drawn(uri: str) -> str:
    """The QR code as an SVG in a data URI, dark on white whatever the scheme, so that cameras read it."""
    drawn: str = segno.make(uri, error="m", micro=False).svg_data_uri(border=4, light="white", scale=4)
    return drawn


def _fold(label: str, inside: Component) -> Component:
    return html.Details([html.Summary(label), inside], className="factor-fold")


def _password(name: str, email: str) -> list[Component]:
    return [
        # Never seen: it tells browsers whose password they keep, and with two fields Enter does not send it.
        dmc.TextInput(value=email, autoComplete="username", readOnly=True, style={"display": "none"}),
        dmc.PasswordInput(
            id=field(name, "password"),
            label="Your password",
            autoComplete="current-password",
            size="sm",
            className="whole",
            visibilityToggleButtonProps={"aria-label": "Show or hide your password", "tabIndex": 0},
        ),
    ]


def _code(name: str, description: str = "Of your app, or a recovery code.") -> Component:
    written: Component = dmc.TextInput(
        id=field(name, "code"),
        label="Code",
        description=description,
        autoComplete="one-time-code",
        size="sm",
        className="whole",
    )
    return written
