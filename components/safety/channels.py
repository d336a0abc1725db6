"""Where alerts are sent beside the page, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components import form as forms
from components.card import attributes, card, empty
from components.format import Format
from components.safety.alerts import network
from components.settings.parts import act, entries, entry, secret
from services.delivery.channels import EMAIL, WEBHOOK, Channel
from services.delivery.queue import FAILED, SENT, Delivery
from services.profiles import Profile

KIND, NEW = "channel", "new"
"""The kind of its form, and the form's name."""
KINDS = {EMAIL: "E-mail", WEBHOOK: "Webhook"}
SOON = timedelta(minutes=2)
_STYLES = {SENT: "good", FAILED: "bad"}


def channels(
    found: Sequence[Channel], profile: Profile, fmt: Format, has_mail: bool, written: Mapping[str, str]
) -> Component:
    """The card with the channels and the form for a new one, which holds what was `written`."""
    note = "Each new alert goes there at once, and again for three days until it arrives."
    lines = [
        entry(
            each.target,
            _note(each, profile, fmt),
            _actions(each, profile),
            "Stopped" if each.stopped_at else "",
        )
        for each in found
    ]
    text = "Alerts stand on this page alone. Add an e-mail address or a webhook below."
    listed = entries(lines) if lines else empty("Sent nowhere else", text)
    return card("Also send alerts to", listed, _form(has_mail, written), note=note, name="safety-channels")


def made(channel: Channel, value: str) -> Component:
    """The secret of a webhook, shown this once."""
    note = "The receiver checks with it that an alert is ours. Copy it now; it is not shown again."
    return secret("The secret of the webhook", "Secret", value, note)


def log(found: Sequence[Delivery], profile: Profile, fmt: Format, at: datetime) -> Component | None:
    """The card with what was sent, the newest first; None when nothing was."""
    if not found:
        return None
    listed = html.Div(
        entries([_line(each, profile, fmt, at) for each in found]),
        className="entries-scroll",
        tabIndex="0",
        role="region",
        **attributes(aria_label="What was sent, the newest first"),
    )
    return card("What was sent", listed, note="The newest first, for 30 days.")


def is_soon(found: Sequence[Delivery], at: datetime) -> bool:
    """Whether the outcome of any of these is to be expected in a moment."""
    return any(each.next_at is not None and each.next_at < at + SOON for each in found)


def _ended(channel: Channel) -> str:
    return "Stopped" if channel.stopped_at else ""


def _note(channel: Channel, profile: Profile, fmt: Format) -> str:
    since = f"{KINDS[channel.kind]} · since {fmt.day(profile.local_date(channel.created_at))}"
    return f"{since} · {channel.problem}" if channel.problem else since


def _actions(channel: Channel, profile: Profile) -> list[Component]:
    own = {"page": "delivery", "profile": str(profile.profile_id), "channel": str(channel.channel_id)}
    buttons = [("Send a test", "test"), ("Remove", "remove")]
    if channel.stopped_at:
        buttons.insert(0, ("Start again", "start"))
    if channel.kind == WEBHOOK:
        buttons.insert(-1, ("New secret", "renew"))
    return [act(label, channel.target, {**own, "do": do}) for label, do in buttons]


def _form(has_mail: bool, written: Mapping[str, str]) -> Component:
    kinds = KINDS if has_mail else {WEBHOOK: KINDS[WEBHOOK]}
    chosen = {"kind": written.get("kind") or next(iter(kinds)), "target": written.get("target", "")}
    fields = [
        forms.choice(kinds, className="narrow", **forms.field(KIND, NEW, "kind", "By", chosen)),
        dmc.TextInput(
            placeholder="anna@example.com" if has_mail else "https://example.com/hook",
            className="wide",
            **forms.field(KIND, NEW, "target", "To", chosen),
        ),
    ]
    return forms.form(KIND, NEW, fields, forms.save(KIND, NEW, "plus", "Add"))


def _line(each: Delivery, profile: Profile, fmt: Format, at: datetime) -> Component:
    what = network(each.organization, None) if each.alert_id else "Test"
    when = fmt.moment(each.created_at, profile.tz)
    own = {"profile": str(profile.profile_id), "delivery": str(each.delivery_id)}
    again = act("Send again", what, {"page": "delivery", "do": "replay", **own})
    outcome = html.Span(_outcome(each), className=f"sent-state {_STYLES.get(each.status, 'muted')}")
    return html.Li(
        [
            html.Div(
                [
                    html.P([outcome, html.Span(what, className="entry-name", dir="auto")]),
                    html.P(f"{each.target} · {when}", className="card-note"),
                    html.P(_told(each, profile, fmt, at), className="card-note"),
                ],
                className="entry-words",
            ),
            None if each.next_at else html.Div(again, className="entry-actions"),
        ],
        className="entry",
    )


def _outcome(each: Delivery) -> str:
    if each.status == SENT:
        return "Arrived"
    return "Given up" if each.status == FAILED else "On its way" if each.last is None else "Again later"


def _told(each: Delivery, profile: Profile, fmt: Format, at: datetime) -> str:
    parts = [each.last.answer] if each.last else []
    if each.last and each.next_at and each.next_at > at + SOON:
        parts.append(f"Next on {fmt.moment(each.next_at, profile.tz)}.")
    return " ".join(parts)
