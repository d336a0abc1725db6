"""The alerts: who came, when, from where, and why it is taken for a government."""

import json
from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.card import Children, attributes, card, empty, icon
from components.format import Format
from components.lists import choices, pager
from components.places import country
from services.alerts.inbox import Alert
from services.alerts.mutes import Muted
from services.profiles import Profile

PER_PAGE = 20
ONLY_NEW = "new"
KINDS = {
    "military": "Military",
    "law_enforcement": "Law enforcement",
    "judiciary": "Court",
    "legislature": "Parliament",
    "intergov": "International body",
    "national_civil": "National government",
    "regional_local": "Regional or local government",
}
_NONE = (
    "No government visits",
    "When somebody looks at this profile from the network of a government or the police, it stands here "
    "at once.",
)
_NONE_NEW = ("Nothing new", "Everything has been acknowledged.")


def alerts(
    found: Sequence[Alert],
    unseen: int,
    profile: Profile,
    fmt: Format,
    *,
    only_new: bool,
    first: bool,
    after: str | None,
    may_change: bool,
) -> Component:
    """The card with a page of alerts, the newest visit first; `after` is where the next page begins."""
    about = str(profile.profile_id)
    all_at_once = {"page": "safety", "do": "see", "profile": about}
    heads = html.Div(
        [
            choices("Which alerts", "show", {"": "All", ONLY_NEW: "New"}, ONLY_NEW if only_new else ""),
            _button("Acknowledge all", "Acknowledge all alerts", all_at_once)
            if unseen and may_change
            else None,
        ],
        className="alerts-head",
    )
    lines = [_alert(alert, profile, fmt, may_change) for alert in found]
    return card(
        "Alerts",
        html.Ul(lines, className="alerts") if lines else empty(*(_NONE_NEW if only_new else _NONE)),
        pager(first, after),
        note="One for each visitor and day, of all time, the newest first.",
        action=heads if found or only_new else None,
        name="alerts-card",
    )


def kind_of(kind: str | None) -> str:
    """What people call a kind of government."""
    return KINDS.get(kind or "", "Government")


def network(organization: str | None, asn: str | None) -> str:
    """A network by its organisation, else by its number."""
    return organization or asn or "A network without a name"


def words(alert: Alert, fmt: Format) -> str:
    """The alert in a few words, for a toast."""
    return f"{kind_of(alert.kind)}: {network(alert.organization, alert.asn)}"


def muted(found: Sequence[Muted], profile: Profile, fmt: Format, may_change: bool) -> Component | None:
    """The card with the muted networks; None when there are none."""
    if not found:
        return None
    lines = []
    for each in found:
        name = network(each.organization, each.asn)
        asked = {
            "page": "safety",
            "do": "unmute",
            "profile": str(profile.profile_id),
            "network": str(each.network_id),
        }
        number = f"{each.asn} · " if each.organization and each.asn else ""
        lines.append(
            html.Li(
                [
                    html.Div(
                        [
                            html.P(name, className="entry-name", dir="auto"),
                            html.P(
                                f"{number}since {fmt.moment(each.muted_at, profile.tz)}",
                                className="card-note",
                            ),
                        ],
                        className="entry-words",
                    ),
                    html.Div(
                        _button("Hear of it again", f"Hear of it again: {name}", asked),
                        className="entry-actions",
                    )
                    if may_change
                    else None,
                ],
                className="entry",
            )
        )
    note = "You called an alert of theirs false. Their visits are still marked, but raise no alerts."
    return card("Muted networks", html.Ul(lines, className="entry-list"), note=note)


def _alert(alert: Alert, profile: Profile, fmt: Format, may_change: bool) -> Component:
    is_new = alert.seen_at is None
    state = "Muted" if alert.is_muted else "New" if is_new else "Seen"
    name = network(alert.organization, alert.asn)
    where = [country(alert.country) if alert.country else None, alert.asn if alert.organization else None]
    facts: list[Children] = [
        fmt.moment(alert.timestamp, profile.tz),
        *filter(None, where),
        _address(alert),
    ]
    return html.Li(
        [
            icon("safety"),
            html.Div(
                [
                    html.P(
                        [
                            html.Span(state, className=f"alert-state {state.lower()}"),
                            html.Span(kind_of(alert.kind), className="alert-kind"),
                            html.Span(
                                f"{fmt.percent(Decimal(str(alert.confidence)), 0)} sure", className="muted"
                            ),
                        ],
                        className="alert-what",
                    ),
                    html.P(name, className="alert-name", dir="auto"),
                    html.P(_joined(facts), className="card-note"),
                    html.Details(
                        [
                            html.Summary("Why", **attributes(aria_label=f"Why: {name}")),
                            html.Ul([html.Li(reason, dir="auto") for reason in alert.reasons]),
                            html.P(f"Lists of {alert.list_version}", className="card-note"),
                        ],
                        className="alert-why",
                    ),
                ],
                className="alert-words",
            ),
            html.Div(_actions(alert, name), className="entry-actions") if may_change else None,
        ],
        id=f"alert-{alert.alert_id}",
        className=f"alert is-{state.lower()}",
    )


def _address(alert: Alert) -> Component:
    if alert.ip is not None:
        return html.Span(alert.ip, className="alert-ip")
    if alert.address_tag is None:
        return html.Span("address no longer kept")
    tag = html.Span(alert.address_tag, className="alert-ip")
    return html.Span(
        ["address no longer kept (", tag, ")"], title="The same for the same address in a quarter"
    )


def _actions(alert: Alert, name: str) -> list[Component]:
    asked = {"page": "safety", "profile": str(alert.profile_id)}
    if alert.is_muted:
        return [
            _button(
                "Hear of it again",
                f"Hear of it again: {name}",
                {**asked, "do": "unmute", "network": str(alert.network_id)},
            )
        ]
    own = {**asked, "alert": str(alert.alert_id)}
    see = _button("Acknowledge", f"Acknowledge: {name}", {**own, "do": "see"})
    false = _button("False alarm", f"False alarm, mute this network: {name}", {**own, "do": "mute"})
    return [see, false] if alert.seen_at is None else [false]


def _button(label: str, spoken: str, asked: dict[str, str]) -> Component:
    return html.Button(
        label, type="button", className="link", **attributes(aria_label=spoken, data_act=json.dumps(asked))
    )


def _joined(parts: Sequence[Children]) -> list[Children]:
    return [piece for part in parts for piece in (" · ", part)][1:]
